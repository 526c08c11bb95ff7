"""Why a post or a person would be called about an alert, or why not."""

from collections import Counter
from collections.abc import Iterator, Mapping

from callout.domain.alert import Alert
from callout.domain.area import County, Township
from callout.domain.foresight import Ruling
from callout.domain.intake import AlertState
from callout.domain.roster import Post, Responder, Roster
from callout.reports.outlook import Forecast
from callout.reports.outlook_words import conclusion
from callout.reports.reasons import why_not_at
from callout.reports.words import HUMAN_CALL_KINDS

_MOST = 20
_IN_EPISODE = "规则要叫，但同一过程的预警已叫过此岗：已应答的只收告知，正在叫的接着叫"


def why(word: str, alert: Alert, seen: Forecast, roster: Roster, county: County) -> Iterator[str]:
    """For each post or person that `word` may mean (post id, part of a title or of a name): called or not, and why."""
    town = next((t for t in county.townships if word in (t.name, *t.aliases)), None)
    if town is not None:
        yield from _township(town, alert, seen, roster)
        return
    people = [p for p in roster.responders if word and word in p.name]
    ids = {p.id for p in people}
    posts = [p for p in roster.posts if str(p.id) == word or (word and word in p.title) or p.holder in ids]
    if not posts and not people:
        yield f"名册 {seen.roster} 里没有岗位或人叫“{word}”；请核对，或写岗位号"
        return
    for post in posts[:_MOST]:
        yield from _post(post, alert, seen, roster, county)
    if len(posts) > _MOST:
        yield f"另有 {len(posts) - _MOST} 个岗位也对得上，请写得更具体"
    for person in people[:_MOST]:
        if person.id not in {p.holder for p in posts}:
            yield from _stand_in(person, roster)


def _township(town: Township, alert: Alert, seen: Forecast, roster: Roster) -> Iterator[str]:
    """Which roles of a township would be called, and for each of the others why not."""
    if town.key not in seen.covered:
        yield f"{town.name}：不在这次预警的范围内，不会叫"
        return
    called = Counter(each.role for each in seen.called if each.area == town.name)
    listed = "、".join(f"{role} {many}" for role, many in called.most_common())
    yield f"{town.name}：" + (f"会叫 {called.total()} 岗（{listed}）" if called else "一个岗位也不会叫")
    there = dict.fromkeys(post.role for post in roster.posts if post.area == town.key)
    for role in there:
        if role not in called:
            post = next(post for post in roster.posts if (post.area, post.role) == (town.key, role))
            yield f"  不叫{role}："
            yield from (f"    {line}" for line in why_not_post(post, alert, seen, {town.key: town.name}))


def _stand_in(person: Responder, roster: Roster) -> Iterator[str]:
    stands = [p.title for p in roster.posts if p.deputy == person.id]
    shifts = sorted({s.post for s in roster.shifts if s.responder == person.id})
    titles = {p.id: p.title for p in roster.posts}
    yield (
        f"{person.name}：没有自己的岗位"
        + (f"；是{'、'.join(stands[:3])}等 {len(stands)} 岗的副职，本人不应时才叫到" if stands else "")
        + (f"；在{'、'.join(titles[s] for s in shifts)}值班，当班时才叫到" if shifts else "")
    )


def _post(post: Post, alert: Alert, seen: Forecast, roster: Roster, county: County) -> Iterator[str]:
    names = {p.id: p.name for p in roster.responders}
    holder = names.get(post.holder, "") if post.holder is not None else ""
    head = f"{post.id} {post.title}（{post.role}）{holder or '空缺'}："
    called = next((each for each in seen.called if each.post == post.id), None)
    if called is None:
        yield head + "不会叫"
        places = {county.key: county.name, **{t.key: t.name for t in county.townships}}
        yield from (f"  {line}" for line in why_not_post(post, alert, seen, places))
        return
    yield f"{head}会叫，阶梯 {called.ladder}"
    yield f"  规则：{'、'.join(called.rules)}"
    if called.unusable:
        yield f"  本人叫不到（{HUMAN_CALL_KINDS[called.unusable]}），同时转人工"
    if called.holder and holder and called.holder != holder:
        yield f"  现在当班的是{called.holder}，先叫当班人"


def why_not_post(post: Post, alert: Alert, seen: Forecast, names: Mapping[str, str]) -> Iterator[str]:
    """Why a post would not be called, one line for each rule that speaks of its role there."""
    if seen.state is not AlertState.RECEIVED:
        yield conclusion(seen)
        return
    if post.area not in seen.covered:
        yield f"{names.get(post.area, post.area)}不在这次预警的范围内"
        return
    asking = [r for r in seen.rulings if _calls(r, post)]
    if not asking:
        yield f"没有规则叫这里的“{post.role}”；请核对角色的写法，或在规则里补上"
    for ruling in asking:
        reasons = why_not_at(ruling, post.area, alert, seen.expires) or (_IN_EPISODE,)
        yield f"{ruling.rule.id}：{'；'.join(reasons)}"


def _calls(ruling: Ruling, post: Post) -> bool:
    here = not ruling.rule.areas or post.area in ruling.rule.areas
    return here and any(post.role in call.roles for call in ruling.rule.calls)
