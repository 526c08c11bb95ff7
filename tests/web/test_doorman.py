"""However many browsers watch, one question tells which of them are still signed in."""

import asyncio
from collections.abc import Mapping, Sequence

from fastapi import Request

from callout.domain.sign_in import SESSION
from callout.domain.user import Right
from callout.web import staff
from callout.web.doorman import GATHER, Doorman
from callout.web.identity import cookie_name, recognise, recognised
from tests.web.room import HERE, Room


def request(**headers: str) -> Request:
    named = [(name.encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "GET", "path": "/events", "headers": named})


def cookie(held: Mapping[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in held.items())


def test_a_hundred_browsers_cost_one_question_and_who_comes_meanwhile_the_next() -> None:
    questions, doubtful = list[int](), request()

    def known(requests: Sequence[Request]) -> list[bool]:
        questions.append(len(requests))
        return [one is not doubtful for one in requests]

    async def story() -> tuple[list[bool], bool]:
        door = Doorman(known)
        async with asyncio.timeout(60):
            first = asyncio.gather(*(door.knows(doubtful if n == 7 else request()) for n in range(100)))
            while not questions:
                await asyncio.sleep(GATHER / 10)
            return await first, await door.knows(doubtful)

    first, late = asyncio.run(story())
    assert (questions, late) == ([100, 1], False)
    assert [n for n, held in enumerate(first) if not held] == [7]


def test_each_is_known_as_long_as_if_it_were_asked_for_alone(room: Room) -> None:
    held = [room.officer_cookie(f"officer{n}") for n in range(3)]
    new = staff.NewKey("示例程序", frozenset({Right.READ}), HERE, 30)
    key = staff.make_key(room.field.app.store, new, "示例·测试")
    watching = [
        *(request(cookie=cookie(one)) for one in held),
        request(authorization=f"Bearer {key}"),
        request(authorization=f"Bearer {key}x"),
        request(authorization="bearer ", cookie=cookie(held[0])),
        request(cookie=f"{cookie_name(room.site)}=x"),
        request(),
    ]

    def still() -> list[bool]:
        alone = [recognise(one, room.site) is not None for one in watching]
        assert recognised(room.site, watching) == alone
        return alone

    assert still() == [True, True, True, True, False, False, False, False]
    room.field.app.store.write(lambda work: work.users.end_all(staff.known(work, "officer1").viewer.user, "示例"))
    assert still()[:4] == [True, False, True, True]
    room.wait(SESSION)
    assert still()[:4] == [False, False, False, True]
