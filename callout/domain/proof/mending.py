"""From a fault of a post or a ladder to a finding in words, with every change that would mend it."""

from collections.abc import Iterator

from callout.domain.area import County
from callout.domain.duty import Duty
from callout.domain.ladder import Target
from callout.domain.moves import PostView
from callout.domain.proof.faults import Fault
from callout.domain.proof.finding import Finding, Kind
from callout.domain.roster import Post, Roster

_OF_LADDER = {
    Kind.TOO_LATE: "把 ladders.yaml 里阶梯 {0} 的 wait 改短或减少步骤，或放宽它的 limit",
    Kind.WINDOW: "在 ladders.yaml 里把阶梯 {0} 对同一号码的两次语音隔开 1 分钟以上，或改用别的方式",
    Kind.NOBODY_ELSE: "在 ladders.yaml 里给阶梯 {0} 加上叫副职或上级的步骤",
}


class Mending:
    """Knows the names of a roster."""

    def __init__(self, roster: Roster, county: County) -> None:
        self._posts = {post.id: post for post in roster.posts}
        self._people = {person.id: person for person in roster.responders}
        self._areas = {county.key: county.name, **{t.key: t.name for t in county.townships}}

    def finding(self, duty: Duty, fault: Fault, state: str, view: PostView) -> Finding:
        """A fault of the people of one post."""
        where = f"{self._areas.get(duty.area, duty.area)} {duty.title}（{duty.role}）"
        mends = tuple(dict.fromkeys(self._mends(self._posts[duty.post], fault.kind, view)))
        return Finding(fault.kind, fault.danger, where, f"{state}{fault.what}", mends, (duty.post,), (duty.area,))

    def of_ladder(self, fault: Fault, ladder: str, posts: tuple[int, ...]) -> Finding:
        """A fault of a ladder, whoever stands on it."""
        areas = tuple(sorted({self._posts[post].area for post in posts}))
        what = f"{fault.what}（{len(posts)} 个岗位）"
        mend = _OF_LADDER[fault.kind].format(ladder)
        return Finding(fault.kind, fault.danger, f"阶梯 {ladder}", what, (mend,), posts, areas)

    def _mends(self, post: Post, kind: Kind, view: PostView) -> Iterator[str]:
        if kind is Kind.NO_ANSWER:
            yield "换用能收回复或按键的通道，或在 ladders.yaml 里加上这样的步骤"
        if kind in (Kind.VACANT, Kind.NO_NUMBER, Kind.NO_WAY):
            yield self._own(post, view)
        if kind in (Kind.NOBODY_ELSE, Kind.NO_WAY, Kind.SAME_PHONE):
            phone = "自己的手机号" if kind is Kind.SAME_PHONE else "能用的手机号"
            yield self._deputy(post, view, phone)
            yield self._superior(post, phone)

    def _own(self, post: Post, view: PostView) -> str:
        if view.holder is None:
            return f"给“{post.title}”定任职人"
        return f"给{self._named(view.holder.id)}补一个能用的手机号"

    def _deputy(self, post: Post, view: PostView, phone: str) -> str:
        if view.person(Target.DEPUTY) is None:
            return f"给“{post.title}”设副职（不能是本人）"
        return f"给{self._named(post.deputy)}补一个{phone}"

    def _superior(self, post: Post, phone: str) -> str:
        above = self._posts.get(post.superior) if post.superior is not None else None
        if above is None or above.id == post.id:
            return f"给“{post.title}”设上级岗位"
        if above.holder is None:
            return f"给“{above.title}”定任职人"
        return f"给{self._named(above.holder)}补一个{phone}"

    def _named(self, person: int | None) -> str:
        """The name where it can be known, with the id, because names repeat."""
        known = self._people.get(person) if person is not None else None
        return f"{known.name}（{known.id} 号）" if known and known.name else f"{person} 号人员"
