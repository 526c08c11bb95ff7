"""Every page in English: no Chinese outside of what is marked as Chinese, for every role, and live."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from starlette.requests import Request

from callout.domain.level import Level
from callout.domain.user import Role
from callout.web.board import Filter, changed, draw
from callout.web.language import COOKIE
from tests.scenarios.field import COUNTY, GRID_1, GRID_2, open_field
from tests.scenarios.moving import listed
from tests.scenarios.sites import sites_and_a_school, warn
from tests.web.room import HERE, Browser, Room

CHINESE = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
SAID_ALOUD = ("aria-label", "alt", "placeholder", "title")
VOID = {"meta", "link", "input", "br", "hr", "img", "path", "rect"}


class Chrome(HTMLParser):
    """Gathers what is Chinese where nothing says so."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self._languages = [""]
        self._titled = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        language = given.get("lang", self._languages[-1])
        if language == "en":
            heard = SAID_ALOUD + tuple(one for one in given if one.startswith("data-"))
            self.wrong += [f"{one}={given[one]}" for one in heard if CHINESE.search(given.get(one, ""))]
        if tag not in VOID:
            self._languages.append(language)
        self._titled = tag == "title"

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self._languages.pop()
        self._titled = False

    def handle_data(self, data: str) -> None:
        shown = data.rpartition(" · ")[2] if self._titled else data  # names before it: nothing can be marked in a title
        if self._languages[-1] == "en" and CHINESE.search(shown):
            self.wrong.append(data.strip())


def untranslated(html: str) -> list[str]:
    assert '<html lang="en">' in html
    assert 'hreflang="zh-CN">中文</a>' in html
    reading = Chrome()
    reading.feed(html)
    assert reading._languages == [""]
    return reading.wrong


def english(browser: Browser) -> Browser:
    browser.client.cookies.set(COOKIE, "en")
    return browser


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    """A night with something on every page: a red one, stop-work, moves, words to be read, a handover."""
    field = open_field(f"sqlite:///{tmp_path}/field.sqlite3", roster=sites_and_a_school())
    listed(field)
    warn(field)
    field.alert(Level.RED, identifier="示例-红")
    field.reply(GRID_1, "收到但路断了")
    field.reply(GRID_2, "收到")
    field.app.seal()
    yield Room(field)
    field.app.close()


def addresses(text: str, pattern: str) -> list[str]:
    found = [one.replace("&amp;", "&") for one in re.findall(f'href="({pattern}[^"]*)"', text)]
    assert found, pattern
    return found


def test_no_page_has_words_that_are_not_english(room: Room) -> None:
    leader = english(room.officer(Role.LEADER, login="daiban"))
    auditor = english(room.officer(Role.AUDITOR, login="shenji"))
    chief = english(room.officer(Role.ADMINISTRATOR, login="guanli"))
    stranger = english(room.browser())
    items = addresses(leader.get("/desk").text, r"/desk/item")[:3]
    taken = leader.post("/desk/take", **hidden(leader.text)).headers["location"]
    told = addresses(auditor.get("/audit").text, "/audit/callout")
    answered = addresses(auditor.get("/audit?state=answered").text, "/audit/callout")
    leader.post("/journal", county=COUNTY, kind="note", alert="0", text="白马桥头有人守")
    texts: dict[str, str] = {}
    everywhere = (
        "/",
        "/desk",
        "/desk?q=没有",
        "/warnings",
        "/stops",
        "/moves",
        "/drills",
        "/journal",
        "/journal/handover",
        "/audit",
    )
    for who, paths in (
        (leader, (*everywhere, "/drills/plan", "/account", "/password", "/desk/paper", "/warnings/form", taken)),
        (auditor, (*everywhere, *items, told[0], answered[0], "/audit/why?alert=1&q=白马镇", "/audit?q=没有")),
        (chief, ("/", "/users", "/desk", "/nowhere")),
        (stranger, ("/sign-in", "/nowhere", "/c/" + "a" * 24)),
    ):
        texts |= {f"{id(who)} {path}": who.get(path).text for path in paths}
    texts.pop(f"{id(stranger)} /c/" + "a" * 24)
    why = "".join(auditor.get(f"/audit/why?alert=1&q={q}").text.partition("<main")[2] for q in ("人员", "白马镇"))
    marked = re.findall(r'<span lang="zh-CN">(.*?)</span>', why)
    assert [one for one in marked if not named(room, one)] == []
    assert {path: wrong for path, text in texts.items() if (wrong := untranslated(text))} == {}


def named(room: Room, marked: str) -> bool:
    """Whether these words are a name: of a person, a post, a role, a place or a rule."""
    app, roster = room.field.app, sites_and_a_school()
    book = app.rulebooks.get(COUNTY, app.store.read(lambda work: work.rosters.counties())[0].rulebook)
    names = {one.name for one in roster.responders} | {one.name for one in book.county.townships}
    names |= {one.id for one in book.rules}
    return marked in names | {word for post in roster.posts for word in (post.title, post.role)}


def hidden(text: str) -> dict[str, str]:
    return dict(
        re.findall(
            r'name="(county|alert|post|kind|about)" value="([^"]*)"',
            text.partition('action="/desk/take"')[2].partition("</form>")[0],
        )
    )


def test_what_a_form_answers_is_english(room: Room) -> None:
    leader = english(room.officer(Role.LEADER, login="daiban"))
    auditor = english(room.officer(Role.AUDITOR, login="shenji"))
    chief = english(room.officer(Role.ADMINISTRATOR, login="guanli"))
    mark = re.search(r'name="mark" value="([^"]+)"', leader.get("/warnings/form").text)
    assert mark
    form = {"county": COUNTY, "act": "new", "of": "0", "mark": mark[1], "hazard": "暴雨", "level": "red", "hours": "6"}
    full = form | {"content": "预计未来3小时80毫米以上降雨", "reason": "会商"}
    told = auditor.get(addresses(auditor.get("/audit").text, "/audit/callout")[0])
    key = dict(re.findall(r'name="(county|alert|post)" value="([^"]*)"', told.text))
    answers = [
        leader.post("/warnings/preview", **form | {"reason": ""}),
        leader.post("/warnings/preview", **full),
        leader.post("/warnings/issue", **full),
        leader.post("/warnings/issue", **full | {"typed": " red"}),
        leader.post("/warnings/confirm", county=COUNTY, alert="999"),
        leader.post("/stops/order", county=COUNTY),
        leader.post("/moves/word", county=COUNTY, what="moved"),
        leader.post("/journal", county=COUNTY, kind="paper", text="文件"),
        leader.post("/desk/item/end", county=COUNTY, alert="9", post="9", kind="exhausted"),
        leader.post("/desk/paper", county=COUNTY, alert="1", post="1", at="nonsense", caller="示例"),
        leader.post("/desk/sheet", county=COUNTY, alert="1"),
        leader.post("/password", current="no", new="x", again="y"),
        leader.post("/audit/verify"),
        leader.post("/users"),
        auditor.post("/audit/callout", **key, why="核查"),
        chief.post("/users", login="zhang", name="示例·张", role="officer", kind="county", county=COUNTY),
        chief.post("/users", login="ZHANG", name="示例·张", role="officer", kind="county", county=COUNTY),
        leader.post("/desk/take", county=COUNTY, alert="x"),
        leader.post("/desk/take", county=COUNTY, alert="9", post="9", kind="exhausted"),
        auditor.get("/audit/why?alert=9&q=示例"),
        chief.post("/keys", name="示例", rights=["read"], kind="county", county=COUNTY),
        english(room.browser()).sign_in("nobody", "wrong"),
    ]
    assert [one.status_code for one in answers[:4]] == [422, 200, 422, 303]
    answers[3] = leader.get("/warnings")
    assert [(one.url.path, wrong) for one in answers if (wrong := untranslated(one.text))] == []


def test_the_switch_in_the_header_keeps_the_page_and_is_remembered(room: Room) -> None:
    browser = room.officer(Role.OFFICER)
    chinese = browser.get("/desk?q=示例").text
    assert '<html lang="zh-CN">' in chinese
    switch = addresses(chinese, "/language/en")[0]
    answer = browser.get(switch)
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk?q=%E7%A4%BA%E4%BE%8B")
    assert untranslated(browser.get("/desk").text) == []
    back = browser.get(addresses(browser.text, "/language/zh")[0])
    assert back.headers["location"] == "/desk"
    assert browser.get("/desk").text.count("人工叫应") > 1
    assert browser.get("/language/fr").status_code == 404
    assert browser.get("/language/en?next=//evil.example/").headers["location"] == "/"
    after_a_form = browser.post("/journal", county=COUNTY, kind="note", text="").text
    assert addresses(after_a_form, "/language/zh")[0] == "/language/zh?next=/journal"


def test_the_first_visit_speaks_the_language_of_the_browser(room: Room) -> None:
    stranger = room.browser()
    page = stranger.client.get("/sign-in", headers={"Accept-Language": "en-GB,en;q=0.9"})
    assert untranslated(page.text) == []
    stranger.client.cookies.set(COOKIE, "zh")
    page = stranger.client.get("/sign-in", headers={"Accept-Language": "en-GB,en;q=0.9"})
    assert '<html lang="zh-CN">' in page.text


@pytest.mark.parametrize(("language", "word", "not_this"), [("en", "Due", "应叫"), ("zh", "应叫", ">Due")])
def test_a_live_update_is_in_the_language_of_its_reader(room: Room, language: str, word: str, not_this: str) -> None:
    scope = {"type": "http", "method": "GET", "path": "/events", "query_string": b"", "app": room.pages}
    request = Request(scope | {"headers": [(b"cookie", f"{COOKIE}={language}".encode())]})
    room.officer(Role.OFFICER, HERE, "zhiban")
    [user] = room.field.app.store.read(lambda work: work.users.all())
    sent = "".join(changed(draw(request, user.viewer, Filter()), {}))
    assert word in sent
    assert not_this not in sent
