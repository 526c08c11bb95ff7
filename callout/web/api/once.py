"""Idempotency-Key on every POST: the effect and its answer are one commit, and asking again gives the same answer."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, HTTPException, Request
from fastapi.responses import Response

from callout.domain.user import Viewer
from callout.store.answers import Answered
from callout.store.store import Store, Work
from callout.web.access import SignedIn
from callout.web.site import Site, site

T = TypeVar("T")

REPEATED = "Idempotency-Replayed"
CONFLICT = "这个 Idempotency-Key 已用于别的内容，没有执行；请换一个新的"


class _Earlier(Exception):
    """Another request with the same key has been answered; nothing of this one remains."""

    def __init__(self, answer: Answered) -> None:
        super().__init__()
        self.answer = answer


DONE: Mapping[str, Any] = {"done": True}


class Once(Store):
    """One question of one caller under one key: a store whose one `write` keeps the answer with the effect."""

    def __init__(self, where: Site, who: Viewer, key: str, asked: str) -> None:
        super().__init__(where.store.database, where.clock, where.ids)
        self._where, self._who, self.key, self._asked = where, who, key, asked

    def answer(self, do: Callable[[Site], object]) -> Response:
        """Do it with the site whose store this is, in one write, and say so; or give the earlier answer."""
        try:
            do(replace(self._where, store=self))
        except _Earlier as first:
            return self._again(first.answer)
        return Response(_text(DONE), media_type="application/json")

    def receive(self, do: Callable[[], Mapping[str, Any]]) -> Response:
        """The same for what is the same however often it is done, in writes of its own."""
        earlier = self.read(self._find)
        if earlier is not None:
            return self._again(earlier)
        made = Answered(self._asked, 200, _text(do()))
        try:
            super().write(lambda work: self._keep(work, made))
        except _Earlier as first:
            return self._again(first.answer)
        return Response(made.body, made.status, media_type="application/json")

    def write(self, work: Callable[[Work], T]) -> T:
        """Run `work`, and keep the answer with it. Whoever was answered before gets that, and `work` is not run."""

        def both(writing: Work) -> T:
            earlier = self._find(writing)
            if earlier is not None:
                raise _Earlier(earlier)
            done = work(writing)
            self._keep(writing, Answered(self._asked, 200, _text(DONE)))
            return done

        return super().write(both)

    def _find(self, work: Work) -> Answered | None:
        return work.answers.find(self._who.login, self.key)

    def _keep(self, work: Work, answer: Answered) -> None:
        if not work.answers.keep(self._who.login, self.key, answer, self._who.actor):
            raise _Earlier(self._find(work) or answer)

    def _again(self, earlier: Answered) -> Response:
        if earlier.asked != self._asked:
            raise HTTPException(409, CONFLICT)
        return Response(earlier.body, earlier.status, {REPEATED: "true"}, "application/json")


def _text(said: Mapping[str, Any]) -> str:
    return json.dumps(said, ensure_ascii=False)


KEY = "每件事一个，重发时不变；同一个再来，得到同一个答复"


async def once(
    request: Request,
    who: SignedIn,
    key: Annotated[
        str,
        Header(alias="Idempotency-Key", min_length=1, max_length=100, pattern=r"^[!-~]+$", description=KEY),
    ],
) -> Once:
    """The question that this request asks; a FastAPI dependency."""
    body = await request.body()
    asked = sha256(f"{request.method} {request.url.path}\n".encode() + body).hexdigest()
    return Once(site(request), who, key, asked)


Asking = Annotated[Once, Depends(once)]
