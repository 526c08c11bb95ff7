"""/metrics for Prometheus: for programs with the right to read, and for auditors."""

import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from callout.domain.instant import SECOND, Instant, Millis
from callout.reports.vital_signs import Tape, begin_tape, vital_signs
from callout.store.canary import last_judged
from callout.web.site import Site

router = APIRouter()


@dataclass(eq=False)
class Watch(Collector):
    """Reads the database when it is asked; keeps nothing but the counters."""

    site: Site
    _tape: Tape | None = None
    _one: threading.Lock = field(default_factory=threading.Lock)

    def describe(self) -> Iterator[Metric]:
        """Nothing: registering must not read the database."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """Everything, as of now."""
        now, database = self.site.clock.now(), self.site.store.database
        signs = database.read(lambda db: vital_signs(db, now))
        yield _gauge("callout_alerts_in_force", "Warnings in force 生效预警", [((), signs.alerts)])
        yield _gauge("callout_open", "Callouts that go on 还在叫", signs.open.items(), "level", "state")
        yield _seconds(
            "callout_oldest_unsent_seconds", "Longest wait of a due callout 最久未叫", signs.oldest_unsent, "level"
        )
        yield _seconds("callout_late_seconds", "How far a stage is behind its earliest work 迟滞", signs.late, "stage")
        kinds = signs.human_calls.items()
        yield _gauge("callout_human_calls", "The officer's list 人工叫应", kinds, "kind", "state")
        yield _gauge("callout_attempts_unknown", "Outcomes that nobody knows 结果不明", [((), signs.unknown)])
        yield _gauge("callout_seal_lag_seconds", "Age of the oldest unsealed entry", [((), signs.seal_lag / SECOND)])
        yield from self._engines()
        yield from self._canary(now)
        yield from self._told()
        away = CounterMetricFamily(
            "callout_hooks_turned_away", "Calls with a wrong signature 被拒的回调", None, ["provider"]
        )
        for name in sorted(self.site.hooks):
            away.add_metric([name], self.site.turned_away[name])
        yield away

    def _engines(self) -> Iterator[Metric]:
        now = self.site.clock.now()
        engine = self.site.engine(now)
        age = (now - engine.beat_at) / SECOND if engine.beat_at is not None else float("inf")
        yield _gauge("callout_engine_beat_age_seconds", "Since the last whole beat of any engine", [((), age)])
        counts = [(("beating",), engine.engines), (("silent",), len(engine.silent))]
        yield _gauge("callout_engines", "Engines by whether they beat 引擎", counts, "state")
        states = [((one.name,), float(one.ok)) for one in self.site.providers()]
        yield _gauge("callout_provider_ok", "1 where the provider is in use 通道可用", states, "provider")

    def _canary(self, now: Instant) -> Iterator[Metric]:
        """Nothing where no line was ever tested."""
        last = self.site.store.database.read(last_judged)
        if last is None:
            return
        passed, began, trip = last
        yield _gauge("callout_canary_ok", "1 where the newest test of the line has passed 线路自检", [((), passed)])
        yield _gauge("callout_canary_age_seconds", "Since that test began", [((), (now - began) / SECOND)])
        yield _gauge("callout_canary_failed_handovers", "Its hand-overs that failed on the way", [((), trip.failed)])
        reached = {"sent": trip.sent, "delivered": trip.delivered, "answered": trip.answered}
        rows = [((name,), (at - began) / SECOND) for name, at in reached.items() if at is not None]
        yield _gauge("callout_canary_seconds", "How long it took to come so far", rows, "to")

    def _told(self) -> Iterator[Metric]:
        with self._one:
            tape = self._tape = self._tape or self.site.store.database.read(begin_tape)
            self.site.store.database.read(lambda db: tape.read_on(db, self.site.clock.now()))
            outcomes, answers = dict(tape.outcomes), tape.answers
        made = CounterMetricFamily(
            "callout_attempts", "Hand-overs by outcome 交给通道的结果", None, ["provider", "outcome"]
        )
        for key, many in sorted(outcomes.items()):
            made.add_metric(key, many)
        yield made
        yield CounterMetricFamily("callout_answers", "Callouts answered 应答", answers)


def _seconds(name: str, said: str, found: Mapping[str, Millis], label: str) -> Metric:
    return _gauge(name, said, [((key,), value / SECOND) for key, value in found.items()], label)


def _gauge(name: str, said: str, rows: Iterable[tuple[tuple[str, ...], float]], *labels: str) -> Metric:
    made = GaugeMetricFamily(name, said, labels=labels)
    for key, value in sorted(rows):
        made.add_metric(key, value)
    return made


def registry(site: Site) -> CollectorRegistry:
    """What is told about this site and about the process that shows it."""
    made = CollectorRegistry()
    made.register(Watch(site))
    ProcessCollector(registry=made)
    return made


def _registry(request: Request) -> CollectorRegistry:
    return cast(CollectorRegistry, request.app.state.metrics)


@router.get("/metrics")
def metrics(found: Annotated[CollectorRegistry, Depends(_registry)]) -> Response:
    """Everything in Prometheus' text form."""
    return Response(generate_latest(found), media_type=CONTENT_TYPE_PLAIN_0_0_4)
