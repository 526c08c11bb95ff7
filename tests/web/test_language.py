"""Pages in English: every sentence has its words, with the same gaps; Chinese unless asked for."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from jinja2 import Environment

from callout.cli.apart import SIMULATION
from callout.domain import desk, issuing, journal, level, relocation_plan, rule, user
from callout.domain.alert_kind import AlertKind
from callout.reports import words
from callout.web import moves, stops
from callout.web.language import IN_CODE, catalogue, many, preferred, speaking, translated, when
from callout.web.pages import environment
from tests.scenarios.field import DAY, GRID_1, SMS, open_field
from tests.web.room import ADDRESS, Room

HOUSE = Path(__file__).parents[2]
PAGES = HOUSE / "templates" / "web"
CODE = HOUSE / "callout"
GAP = r"%\((\w+)\)s"
HAN = re.compile("[\u4e00-\u9fff]")

FROM_STAGES = ("acknowledge", "approve", "attend", "journal", "relocation", "stop_work")
FROM_THE_DOMAIN = ("issuing", "journal", "sign_in")
"""What these refuse is shown on a page."""
FROM_REPORTS = ("why_then", "reasons")
"""Whose sentences stand on a page."""
RAISED = ("CalloutError", "Unknown", "StateError", "HTTPException")
IN_PAGE_WORDS = {"stop_work": stops.in_page_words, "relocation": moves.in_page_words}
TABLES = (
    *("pipeline/acknowledge.py", "pipeline/attend.py", "pipeline/relocation.py", "pipeline/stop_work.py"),
    *("reports/stop_board.py", "reports/stop_told.py", "reports/turning.py", "domain/desk_call.py"),
)
"""Whose tables of words end up in a sentence on a page."""
NOT_ON_A_PAGE = ("language.py", "outlets.py", "health.py", "metrics.py", "readings.py")
COUNTY_KINDS = ("区", "县", "市")
"""The last word of a county's name."""
STORED = {
    *(
        "导出人",
        "本人认领",
        "打印叫应单",
        "网页下载",
        "封条",
        "还没有封条",
        "最新的封条",
        "校验值",
        "叫应 callout",
    ),
    *("实况加强，经会商升级", "影响持续，继续发布", "实况减弱，经会商降级", "影响已经结束", "误发，撤销"),
    *("例外：", "，由决定人", "。例外：", "，例如：--", "：--by 姓名", "，请用 callout", "；请用 callout"),
    *("，请用 callout stop-work list 核对编号", "，请用 callout stop-work list 核对", "，请刷新后再试", "，请先勾选"),
    *(
        "%(a)s月%(b)s日 %(c)s",
        "封条 %(a)s（%(b)s）",
        "；纸质记录，叫应人 %(a)s",
    ),
    *("一", "鿿", "至 "),
}
"""Chinese in the code of pages that goes into the record or into a file, or is looked for in a text."""


def in_templates() -> set[str]:
    """Every sentence that a template asks the catalogue for."""
    made = Environment(extensions=["jinja2.ext.i18n"], trim_blocks=True, lstrip_blocks=True, autoescape=True)
    made.newstyle_gettext = True  # type: ignore[attr-defined]
    found = set()
    for path in PAGES.rglob("*.j2"):
        every = made.extract_translations(path.read_text(encoding="utf-8"))  # type: ignore[attr-defined]
        found |= {str(said[0] if isinstance(said, tuple) else said) for _, _, said in every}
    return found - {"None"}


def sentence(node: ast.AST) -> str:
    """A text of the code as a msgid: gaps are named in their order."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if not isinstance(node, ast.JoinedStr):
        return ""
    names = iter("abcdefgh")
    return "".join(
        str(part.value).replace("%", "%%") if isinstance(part, ast.Constant) else f"%({next(names)})s"
        for part in node.values
    )


def in_code(path: Path, *, refused_only: bool) -> set[str]:
    """Chinese sentences of a module: what it refuses with, or all but its docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inner = {id(part) for one in ast.walk(tree) if isinstance(one, ast.JoinedStr) for part in one.values}
    inner |= {id(one.value) for one in ast.walk(tree) if isinstance(one, ast.Expr)}
    every: Iterator[ast.AST] = ast.walk(tree)
    if refused_only:
        every = (
            one.args[-1]
            for one in ast.walk(tree)
            if isinstance(one, ast.Call) and one.args and isinstance(one.func, ast.Name) and one.func.id in RAISED
        )
    return {text for one in every if id(one) not in inner and HAN.search(text := sentence(one))}


def in_tables(path: Path) -> set[str]:
    """The Chinese values of a module's tables."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    values = (value for one in ast.walk(tree) if isinstance(one, ast.Dict) for value in one.values)
    return {text for value in values if HAN.search(text := sentence(value)) and not re.search(GAP, text)}


def refused() -> set[str]:
    """What stages and domain refuse with on pages."""
    paths = [CODE / "pipeline" / f"{one}.py" for one in FROM_STAGES]
    paths += [CODE / "domain" / f"{one}.py" for one in FROM_THE_DOMAIN]
    said = {IN_PAGE_WORDS.get(path.stem, str)(text) for path in paths for text in in_code(path, refused_only=True)}
    return said | in_code(CODE / "domain" / "sign_in.py", refused_only=False)


def labels() -> set[str]:
    """The closed tables of words that pages show."""
    shown = {word for table in (*words.TABLES.values(), words.RUNS) for word in table.values()}
    shown |= {word for path in TABLES for word in in_tables(CODE / path)}
    enums = [*user.Role, *user.Right, *user.ScopeKind, *desk.CallResult, *journal.EntryKind, *issuing.Act, *level.Level]
    shown |= {one.zh for one in enums}
    shown |= {one.value for one in (*level.Hazard, *AlertKind, *rule.StopWorkCode, *relocation_plan.SiteKind)}
    return shown


def test_the_catalogue_is_complete() -> None:
    english = catalogue(PAGES, "en")
    pages = [path for path in (CODE / "web").glob("*.py") if path.name not in NOT_ON_A_PAGE]
    pages += [CODE / "reports" / f"{one}.py" for one in FROM_REPORTS]
    code = {text.lstrip() for path in pages for text in in_code(path, refused_only=False)} - STORED | refused()
    code |= {text for path in (CODE / "web" / "api").glob("*.py") for text in in_code(path, refused_only=True)}
    plain = in_templates() | labels() | {text for text in code if not re.search(GAP, text)}
    gapped = {text for text in code if re.search(GAP, text) and HAN.search(re.sub(GAP, "", text))}
    with (PAGES / "en.po").open("rb") as file:
        known = {str(one.id) for one in read_po(file, locale="en") if one.id and one.context == IN_CODE}
    assert len(in_templates()) > 500
    assert (sorted(plain - set(english)), sorted(gapped - known)) == ([], [])


@pytest.mark.parametrize("standing", [SIMULATION, "真实通道：sms-1", "本机通道：modem；收到的预警都按演示处理"])
def test_which_phones_ring_is_said_in_english(standing: str) -> None:
    assert not HAN.search(translated(PAGES, "en", standing))


def test_nothing_is_translated_that_nobody_says() -> None:
    """A sentence that has changed in the code leaves no old words behind."""
    sources = "".join(path.read_text(encoding="utf-8") for path in (*CODE.rglob("*.py"), *PAGES.rglob("*.j2")))
    said = in_templates() | refused() | set(COUNTY_KINDS)
    with (PAGES / "en.po").open("rb") as file:
        known = {str(one.id) for one in read_po(file, locale="en") if one.id} - said
    runs = {one: re.findall("[\u4e00-\u9fff]+", re.sub(GAP, " ", one)) for one in known}
    assert [one for one, each in runs.items() if not all(run in sources for run in each)] == []


def test_a_translation_has_the_gaps_of_its_original_and_none_is_in_doubt() -> None:
    with (PAGES / "en.po").open("rb") as file:
        every = [(str(one.id), str(one.string), one.fuzzy) for one in read_po(file, locale="en") if one.id]
    assert not [zh for zh, en, _ in every if set(re.findall(GAP, zh)) != set(re.findall(GAP, en))]
    assert not [zh for zh, en, fuzzy in every if fuzzy or not en or (HAN.search(en) and "恢复" not in en)]


def test_numbers_and_times_are_said_as_the_language_says_them() -> None:
    assert (when(DAY), many(784), many(12_784)) == ("8月2日 10:00", "784", "12,784")
    with speaking("en") as spoken:
        assert (spoken, when(DAY), many(12_784)) == ("en", "2 Aug, 10:00", "12,784")
    with speaking("xx") as spoken:
        assert (spoken, when(DAY)) == ("zh", "8月2日 10:00")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "zh"), ("en-GB,en;q=0.9", "en"), ("zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("fr, en;q=0.5, zh;q=0.7", "zh"),
        ("en;q=0", "zh"), ("en;q=x", "zh"), ("*", "zh"), (", ;;=", "zh"), ("de-DE,EN-us;q=0.3", "en"),
    ],
)  # fmt: skip
def test_the_first_visit_speaks_what_the_browser_asks_for(header: str, language: str) -> None:
    assert preferred(header) == language


def test_what_the_code_said_is_put_into_words_and_what_nobody_knows_is_marked() -> None:
    def said(text: str) -> str:
        return str(translated(PAGES, "en", text))

    assert said("登录名或密码不对") == "Login name or password is wrong"
    assert said("原预警是暴雨橙色，不能升级发布为暴雨黄色") == (
        "The earlier warning is Orange rainstorm; it cannot become Yellow rainstorm by “Upgrade”"
    )
    assert said("大雾没有蓝色预警，只有黄色、橙色、红色") == "There is no Blue fog warning, only Yellow, Orange, Red"
    assert said("<b>没有人知道的话") == '<span lang="zh-CN">&lt;b&gt;没有人知道的话</span>'
    assert said("示例<i>正在联系这个人，请不要重复打电话").startswith('<span lang="zh-CN">示例&lt;i&gt;</span> is')
    assert said("长" * 501).count("长") == 501


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("电话接通，线上 30 秒", "Call picked up, 30 s on the line"),
        ("转人工：他人代答，本人未应，处理中", "Put before a person: Another answered, not the person, in hand"),
        ("短信回复“收到”", 'Replied “<span lang="zh-CN">收到</span>” by text'),
        ("停工 2 处", "Stop work on sites, places: 2"),
        (
            "橙色 示例·学校：他人代答，本人未应；示例·甲（zhiban）处理中",
            'Orange <span lang="zh-CN">示例·学校</span>: Another answered, not the person; '
            '<span lang="zh-CN">示例·甲（zhiban）</span> is on it',
        ),
    ],
)
def test_a_sentence_of_the_code_is_said_whole_and_somebodys_own_words_stay(text: str, said: str) -> None:
    assert str(translated(PAGES, "en", text)) == said


def test_what_stands_in_a_gap_is_escaped_in_either_language() -> None:
    line = environment(PAGES).from_string('{{ _("（%(title)s）", title=x | data) }}{{ x | said }}{{ x | label }}')
    assert line.render(x="<b>") == "（&lt;b&gt;）&lt;b&gt;&lt;b&gt;"
    with speaking("en"):
        assert line.render(x="<b>名") == (
            ' (<span lang="zh-CN">&lt;b&gt;名</span>)<span lang="zh-CN">&lt;b&gt;名</span>&lt;b&gt;名'
        )


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    field = open_field(f"sqlite:///{tmp_path}/field.sqlite3", link_key="a synthetic secret", public_url=ADDRESS)
    yield Room(field)
    field.app.close()


def test_the_person_called_may_read_and_answer_in_english(room: Room) -> None:
    room.field.alert(level.Level.RED)
    browser, path = room.browser(), room.field.last(GRID_1, SMS).text.rpartition(ADDRESS)[2]
    assert "收到" in browser.get(path).text
    text = browser.get(f"{path}?lang=en").text
    assert '<html lang="en">' in text
    assert "Red rainstorm warning: 武隆区" in text
    assert ">Received</button>" in text
    answer = browser.client.post(f"{path}?lang=en", data={"choice": "moving", "people": "3", "n": "0"})
    assert "Recorded: Moving people now (3 people moved)" in answer.text
    room.field.settle()
    assert room.field.callout(GRID_1).grade == "acknowledged"
    assert "There is no such link" in browser.get("/c/" + "a" * 24 + "?lang=en").text
