"""Why somebody was called about a warning on record, or was not: by the rules, roster and rows of that time."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from callout.domain.alert import Alert, Info, MsgType, Status
from callout.domain.area import County, Township
from callout.domain.callout import CalloutState
from callout.domain.due import due
from callout.domain.errors import Unknown
from callout.domain.foresight import Ruling, rulings
from callout.domain.instant import beijing
from callout.domain.roster import Post, Responder, Roster
from callout.domain.rule import Rulebook
from callout.ports import Rulebooks
from callout.reports.gathering import Scope, alert_lines
from callout.reports.pairs import AlertLine
from callout.reports.reasons import why_not_at
from callout.reports.words import (
    ALERT_STATES,
    ATTEMPT_STATES,
    CALLOUT_STATES,
    CHANNELS,
    GRADES,
    HUMAN_CALL_KINDS,
    HUMAN_CALL_STATES,
    TARGETS,
    warning_name,
)
from callout.store import schema
from callout.store.roster_reading import read_roster

_MOST = 20


def why_then(db: Connection, rulebooks: Rulebooks, county: County, alert: int, word: str) -> Iterator[str]:
    """What the record says about `word` (a post id, part of a title or name, a township) and this alert.

    Raises Unknown where there is no such alert.
    """
    found = next((line for line in alert_lines(Scope(db, county.code)) if line.alert == alert), None)
    if found is None:
        known = db.execute(select(schema.alert.c.id).where(schema.alert.c.id == alert)).first()
        if known is None:
            raise Unknown(f"没有预警 {alert}，请核对预警号")
        yield f"预警 {alert} 不涉及{county.name}，没有叫任何人"
        return
    yield f"预警 {alert}：{warning_name(found.hazard, found.level)}，{ALERT_STATES[found.state]}"
    if not found.rulebook:
        yield from _not_matched(db, found)
        return
    rulebook = rulebooks.get(county.code, found.rulebook)
    roster = read_roster(db, county.code, found.roster)
    yield f"按当时的规则 {found.rulebook[:12]}、名册 {found.roster}"
    yield from _Then(db, found, rulebook, roster).answer(word)


def _not_matched(db: Connection, line: AlertLine) -> Iterator[str]:
    """Nobody was due: the alert waits for a human, lifts, or is not real."""
    h = schema.human_call
    about = h.c.county == line.county, h.c.alert == line.alert, h.c.post == 0
    rows = db.execute(select(h).where(*about).order_by(h.c.kind)).all()
    if not rows:
        yield "这份消息不会自动叫任何人"
    for row in rows:
        yield f"这份消息不会自动叫任何人：〔{HUMAN_CALL_KINDS[row.kind]}〕{row.note}"


@dataclass(frozen=True, slots=True)
class _Then:
    """One alert, with the rules and the roster by which it was matched."""

    db: Connection
    line: AlertLine
    rulebook: Rulebook
    roster: Roster

    def answer(self, word: str) -> Iterator[str]:
        """About a township, else about every post and person that the word may mean."""
        town = next((t for t in self.rulebook.county.townships if word in (t.name, *t.aliases)), None)
        if town is not None:
            yield from self._township(town)
            return
        people = [p for p in self.roster.responders if word and word in p.name]
        ids = {p.id for p in people}
        posts = [p for p in self.roster.posts if str(p.id) == word or (word and word in p.title) or p.holder in ids]
        if not posts and not people:
            yield f"当时的名册里没有岗位或人叫“{word}”：后来才补上的，这次叫不到"
        for post in posts[:_MOST]:
            yield from self._post(post)
        if len(posts) > _MOST:
            yield f"另有 {len(posts) - _MOST} 个岗位也对得上，请写得更具体"
        for person in people[:_MOST]:
            yield from self._in_person(person, {p.id for p in posts})

    def _post(self, post: Post) -> Iterator[str]:
        names = {p.id: p.name for p in self.roster.responders}
        holder = names.get(post.holder, "") if post.holder is not None else ""
        row = self._callouts(post.id).get(post.id)
        state = CALLOUT_STATES[row.state] if row else "没有叫"
        yield f"{post.id} {post.title}（{post.role}）{holder or '空缺'}：{state}"
        yield from (f"  {line}" for line in (self._course(row, names) if row else self._reasons(post)))

    def _course(self, row: Any, names: Mapping[int, str]) -> Iterator[str]:
        """What became of a callout that was opened."""
        yield f"{beijing(row.opened_at, '%m-%d %H:%M:%S')} 开始，规则 {row.rules.replace(',', '、')}"
        tries = self._attempts(row.post)
        for one in tries:
            who = f"{TARGETS[one.target]} {names.get(one.responder, one.responder)}"
            became = ATTEMPT_STATES[one.state] + (f"（{one.reason}）" if one.reason else "")
            yield f"{beijing(one.claimed_at, '%H:%M:%S')} {CHANNELS[one.channel]}叫{who}：{became}"
        if not tries:
            yield self._untried(row)
        if row.answered_at is not None:
            grade = GRADES[row.grade] + ("，迟到" if row.late else "")
            yield f"{beijing(row.answered_at, '%m-%d %H:%M:%S')} 应答：{grade}"
        yield from self._human(row.post)

    def _untried(self, row: Any) -> str:
        """Why a callout without any attempt has none."""
        if row.carried_by:
            return f"没有另打：同一过程的预警 {row.carried_by} 已叫过此岗（{CALLOUT_STATES[row.state]}）"
        if row.state in (CalloutState.TO_CALL, CalloutState.WAITING):
            return "还没有轮到，或正等发出"
        return "没有一步走得通，或还没发出就已有新预警、解除或过期"

    def _human(self, post: int) -> Iterator[str]:
        h = schema.human_call
        about = h.c.county == self.line.county, h.c.alert == self.line.alert, h.c.post == post
        for row in self.db.execute(select(h).where(*about).order_by(h.c.opened_at)):
            stands = HUMAN_CALL_STATES[row.state] + (f"，{row.note}" if row.note else "")
            yield f"人工叫应〔{HUMAN_CALL_KINDS[row.kind]}〕{stands}"

    def _reasons(self, post: Post) -> Iterator[str]:
        """Why a post has no callout."""
        names = {self.rulebook.county.key: self.rulebook.county.name}
        names |= {t.key: t.name for t in self.rulebook.county.townships}
        line = self.line
        if post.area not in line.areas:
            yield f"{names.get(post.area, post.area)}不在这次预警的范围内"
        elif post.id in due(self.rulebook, self.roster, line.facts, line.coverage):
            yield "按规则应叫，却没有叫应记录：这是漏叫，请立即人工联系并查明原因"
        else:
            asking = [one for one in self._rulings() if _calls(one, post)]
            if not asking:
                yield f"没有规则叫这里的“{post.role}”"
            for one in asking:
                why = why_not_at(one, post.area, self._said(), line.expires_at)
                yield from (f"规则 {one.rule.id}：{reason}" for reason in why)

    def _rulings(self) -> tuple[Ruling, ...]:
        return rulings(self.rulebook, self.line.facts, self.line.sent, self.line.coverage)

    def _said(self) -> Alert:
        """The message as far as the reasons speak of it."""
        line = self.line
        info = Info("", line.hazard, line.level, (), headline=line.headline)
        return Alert(line.identifier, "", line.sent, Status.ACTUAL, MsgType.ALERT, (info,))

    def _in_person(self, person: Responder, own: set[int]) -> Iterator[str]:
        """Whether this person was called at all, in whose place, and if not why."""
        mine = [one for one in self._attempts(None) if one.responder == person.id]
        for one in mine:
            post = next(p for p in self.roster.posts if p.id == one.post)
            when = beijing(one.claimed_at, "%H:%M:%S")
            yield f"{person.name}：{when} 作为“{post.title}”的{TARGETS[one.target]}，{CHANNELS[one.channel]}叫过"
        above = {p.id for p in self.roster.posts if p.holder == person.id}
        stands = [p for p in self.roster.posts if person.id == p.deputy or (p.superior in above and p.id not in own)]
        rows = self._callouts(None)
        if not mine:
            states = Counter(CALLOUT_STATES[rows[p.id].state] for p in stands if p.id in rows)
            if states:
                listed = _listed(states)
                yield f"{person.name}：没有叫到；是 {states.total()} 个被叫岗位的副职或上级，没有轮到（{listed}）"
            else:
                yield f"{person.name}：没有叫到"

    def _township(self, town: Township) -> Iterator[str]:
        posts = [post for post in self.roster.posts if post.area == town.key]
        rows = self._callouts(None)
        states = Counter(CALLOUT_STATES[rows[post.id].state] for post in posts if post.id in rows)
        if town.key in self.line.areas:
            level = self.line.levels.get(town.key, self.line.level)
            zh, listed = level.zh if level else "级别不明", _listed(states) or "一个也没有"
            yield f"{town.name}：{zh}，叫了 {states.total()} 岗（{listed}）"
        else:
            yield f"{town.name}：不在这次预警的范围内，没有叫"
        if town.key not in self.rulebook.planned:
            yield "  当时没有本乡镇的方案，已转人工"
        left = {post.role: post for post in reversed(posts) if post.id not in rows}
        for role, post in sorted(left.items()) if town.key in self.line.areas else ():
            yield f"  没有叫{role}："
            yield from (f"    {line}" for line in self._reasons(post))

    def _callouts(self, post: int | None) -> dict[int, Any]:
        c = schema.callout
        mine = [c.c.county == self.line.county, c.c.alert == self.line.alert, c.c.round == 0]
        wanted = [*mine, c.c.post == post] if post is not None else mine
        return {row.post: row for row in self.db.execute(select(c).where(*wanted))}

    def _attempts(self, post: int | None) -> Sequence[Any]:
        t, link = schema.attempt, schema.attempt_callout
        joined = link.join(t, (t.c.county == link.c.county) & (t.c.id == link.c.attempt))
        wanted = [link.c.county == self.line.county, link.c.alert == self.line.alert, link.c.round == 0]
        wanted += [link.c.post == post] if post is not None else []
        asked = select(t, link.c.post).select_from(joined).where(*wanted)
        return self.db.execute(asked.order_by(t.c.claimed_at, t.c.id)).all()


def _listed(states: Counter[str]) -> str:
    return "、".join(f"{state} {many} 岗" for state, many in states.most_common())


def _calls(ruling: Ruling, post: Post) -> bool:
    here = not ruling.rule.areas or post.area in ruling.rule.areas
    return here and any(post.role in call.roles for call in ruling.rule.calls)
