"""Rules as a person could write them, for properties."""

from typing import Any

from hypothesis import strategies as st

ROLES = ["网格员", "村(社区)书记"]
WORDS = st.text(st.sampled_from("示例雨停撤禁转移人员=+@-'\"#：:；。，一二12A {}[]"), min_size=1, max_size=20).map(
    lambda word: f"示{word.strip()}例"
)
PLAIN = st.text(st.sampled_from("示例起橙红AB12=-."), min_size=1, max_size=6)
LEVELS = st.one_of(
    st.none(),
    st.sampled_from(["蓝色", "红色"]),
    st.builds(lambda level: {"at_least": level}, st.sampled_from(["橙色", "Ⅰ级"])),
)
HAZARDS = st.lists(st.sampled_from(["暴雨", "大风", "山洪"]), min_size=1, max_size=3, unique=True)
CLOCKS = st.builds(lambda h, m: f"{h:02d}:{m:02d}", st.integers(0, 23), st.integers(0, 59))
SOME = st.lists(st.sampled_from(ROLES), min_size=1, max_size=2, unique=True)


def _or_not(some: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), some)


def _unique(some: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for at, one in enumerate(some) if one not in some[:at]]


def _dicts(most: int, least: int = 0, **parts: st.SearchStrategy[Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    one = st.fixed_dictionaries(parts).map(lambda d: {k: v for k, v in d.items() if v is not None})
    return st.lists(one, min_size=least, max_size=most).map(_unique)


MEASURES = st.one_of(
    st.fixed_dictionaries({"measure": WORDS}),
    st.fixed_dictionaries({"measures": _dicts(3, 1, code=st.sampled_from(["断", "禁"]), text=WORDS)}),
)


def _when(draw: st.DrawFn) -> dict[str, Any]:
    beside = st.fixed_dictionaries({"hazard": HAZARDS}, optional={"level": LEVELS.filter(bool)})
    observed = st.fixed_dictionaries({"reading": st.just("1小时雨量"), "at_least": st.sampled_from([50, 0.5, 12.25])})
    begins, ends = draw(CLOCKS), draw(CLOCKS)
    return {
        "id": draw(PLAIN),
        "hazard": draw(HAZARDS),
        "level": draw(LEVELS),
        "kind": draw(st.sampled_from([None, "应急响应"])),
        "issued": draw(st.sampled_from([None, f"{begins}-{ends}"])) if begins != ends else None,
        "season": draw(st.sampled_from([None, "05-01..09-30"])),
        "at": draw(_or_not(CLOCKS)),
        "words": draw(_or_not(st.just(["特大", "山洪"]))),
        "beside": draw(_or_not(beside)),
        "observed": draw(_or_not(observed)),
    }


@st.composite
def rule_entries(draw: st.DrawFn) -> dict[str, Any]:
    """One rule of an industry's file."""
    calls = draw(_dicts(3, 1, roles=SOME, ladder=st.sampled_from(["red", "blue"])))
    called = sorted({role for call in calls for role in call["roles"]})
    feedback = draw(
        _dicts(
            2,
            kind=st.sampled_from(["到岗", "措施", "转移"]),
            within=st.sampled_from(["90分钟", "2小时"]),
            roles=_or_not(st.just(called[:1])),
        )
    )
    stops = draw(
        _dicts(
            3,
            code=st.sampled_from(["停学", "停工"]),
            role=st.sampled_from(ROLES),
            measure=WORDS,
            exempt=st.sampled_from([None, [], ["供水", "医疗"]]),
            lead=st.sampled_from(["", "教育", "住建、水利"]),
        )
    )
    entry = {**_when(draw), "calls": calls, "stop_work": stops or None, "feedback": feedback or None, **draw(MEASURES)}
    return {key: value for key, value in entry.items() if value is not None}
