"""The health of a roster in words: a score for each township, and the list behind it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from callout.domain.hygiene import AreaHealth, Flaw, Found, total
from callout.domain.roster import Roster
from callout.domain.rule import Rulebook

Doc = dict[str, Any]

FLAWS: Mapping[Flaw, str] = {
    Flaw.MISSING: "方案要叫，名册里没有这个岗位",
    Flaw.VACANT: "岗位空缺",
    Flaw.NO_NUMBER: "没有号码",
    Flaw.DEAD: "号码都已停用或是空号",
    Flaw.NOT_ANY_MORE: "本人说已不担任",
    Flaw.STRANGE: "号码不在号段里，或固话写成了手机",
    Flaw.SUPERIOR_CIRCLE: "上级绕回自己",
    Flaw.OPTED_OUT: "已退订短信",
    Flaw.NO_TEXTS: "只有固话，收不到短信",
    Flaw.DEPUTY_SELF: "副职就是本人",
    Flaw.NO_DEPUTY: "没有副职",
    Flaw.NO_SUPERIOR: "没有上级岗位",
    Flaw.SOME_DEAD: "有号码已停用",
    Flaw.SHARED_NUMBER: "与别人共用号码",
    Flaw.UNCONFIRMED: "太久没有确认",
    Flaw.DEPUTY_SILENT: "副职没有能用的号码",
    Flaw.SAME_NAME: "与别人同名",
    Flaw.ROLE_UNCALLED: "没有规则叫这个角色",
}


def health(areas: Sequence[AreaHealth], roster: Roster, rulebook: Rulebook) -> Doc:
    """The whole document, the worst township first."""
    names = {rulebook.county.key: rulebook.county.name, **{t.key: t.name for t in rulebook.county.townships}}
    titles = {post.id: post.title for post in roster.posts}
    people = {person.id: person.name for person in roster.responders}

    def line(one: Found) -> Doc:
        return {
            "flaw": one.flaw.value,
            "text": FLAWS[one.flaw],
            "role": one.role,
            "post": one.post,
            "title": titles.get(one.post, "") if one.post is not None else "",
            "person": people.get(one.person, "") if one.person is not None else "",
        }

    return {
        "version": roster.version,
        "score": total(areas),
        "posts": sum(each.posts for each in areas),
        "flaws": dict(Counter(one.flaw.value for each in areas for one in each.found).most_common()),
        "areas": [
            {
                "area": names.get(each.area, each.area),
                "posts": each.posts,
                "score": each.score,
                "found": [line(one) for one in each.found],
            }
            for each in areas
        ],
    }
