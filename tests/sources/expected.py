"""What the public documents say, as facts: nothing of their texts stands here. The folder may be missing."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from callout.domain.alert import Alert, MsgType, Status
from callout.domain.instant import beijing
from callout.domain.level import Hazard, Level

PUBLIC = Path(__file__).parents[3] / "shared" / "warnings"


class Expected(NamedTuple):
    """What one document must say."""

    hazard: Hazard | None = Hazard.RAINSTORM
    level: Level | None = Level.YELLOW
    areas: tuple[tuple[str, ...], ...] = (("500156",),)
    msg_type: MsgType = MsgType.ALERT
    sent: str = "2026-07-01 09:25:00"
    expires: str | None = None
    references: tuple[str, ...] = ()
    doubt: str = ""
    """A part of its doubts; empty when there is none."""


class Foreign(NamedTuple):
    """A warning of another country: kept for a human, without hazard, level or Chinese area code."""

    msg_type: MsgType
    sent: str
    """Beijing time."""
    expires: str | None
    areas: int
    status: Status = Status.ACTUAL


A, U, UNKNOWN = MsgType.ALERT, MsgType.UPDATE, MsgType.UNKNOWN
B, Y, O, R = Level.BLUE, Level.YELLOW, Level.ORANGE, Level.RED  # noqa: E741 - the colours in order
NO_CODE = "没有可用的区划码"

ALERTS: Mapping[str, tuple[Expected, ...]] = {
    "41000041600000_20200205105119_11B06_BLUE_UPDATE.xml": (
        Expected(Hazard.GALE, B, (("410000",),), U, "2020-02-05 10:45:00", None, ("41000041600000_20200204121842",)),
    ),
    "37061441600000_20260801133303_UPDATE_red.xml": (
        Expected(
            Hazard.HEAT,
            R,
            (("370614",),),
            U,
            "2026-08-01 13:31:00",
            "2026-08-02 13:32:19",
            ("37061441600000_20260727120039",),
        ),
    ),
    "findAlarm-20230605.json": (Expected(Hazard.GALE, B, (("410622",),), UNKNOWN, "2023-06-05 16:06:00"),),
    "weather.cma.cn-alarm-20250313.json": (
        Expected(Hazard.FOG, O, (("360800",),), UNKNOWN, "2025-03-13 14:35:00"),
        Expected(Hazard.HAIL, O, (("360800",),), UNKNOWN, "2025-03-13 10:40:00"),
        Expected(Hazard.LIGHTNING, Y, (("360800",),), UNKNOWN, "2025-03-13 09:26:00"),
    ),
    "getWarningNow-en.json": (
        Expected(Hazard.GALE, B, ((),), A, "2023-04-03 10:30:00", "2023-04-04 10:30:00", (), NO_CODE),
    ),
    "getWarningNow-zh.json": (
        Expected(Hazard.GALE, B, ((),), A, "2023-04-03 10:30:00", "2023-04-04 10:30:00", (), NO_CODE),
    ),
    "getWeatherAlertCurrent-en.json": (
        Expected(
            None,
            None,
            ((),),
            U,
            "2025-10-17 05:00:00",
            "2025-10-18 08:00:00",
            ("202510160638008946296098",),
            "不是中国气象部门",
        ),
    ),
    "getWeatherAlertCurrent-zh.json": (
        Expected(
            Hazard.GALE,
            B,
            ((),),
            U,
            "2025-10-24 11:19:00",
            "2025-10-25 11:19:00",
            ("202510181140100706230391",),
            NO_CODE,
        ),
    ),
    "alarminfo-65402641600000_20261006212927.js": (
        Expected(Hazard.LIGHTNING, Y, (("654026",),), A, "2026-10-06 21:29:27", "2026-10-07 09:29:27"),
    ),
}

FOREIGN: Mapping[str, Foreign] = {
    "CanadaNaad.xml": Foreign(A, "2019-07-13 01:59:29", "2019-07-13 09:59:29", 1),
    "australia.cap": Foreign(A, "2011-10-05 21:04:00", "2011-10-06 21:04:00", 2),
    "australia_bom.cap": Foreign(A, "2019-01-16 11:15:58", "2019-01-16 14:15:52", 1),
    "canada.cap": Foreign(U, "2012-05-03 07:21:04", "2012-05-03 08:20:00", 2),
    "earthquake-iso8859-1.cap": Foreign(A, "2012-10-15 06:53:04", "2012-10-22 06:53:04", 1),
    "earthquake.cap": Foreign(A, "2010-08-31 13:09:25", "2010-09-02 13:09:25", 1),
    "google-KAR0-0306112239-SW.cap": Foreign(A, "2003-06-12 13:39:00", None, 1),
    "google-PAAQ-4-mg5a94.xml": Foreign(U, "2013-01-05 18:58:23", "2013-01-05 18:58:23", 1),
    "google-weather.cap": Foreign(A, "2010-08-30 18:07:00", "2010-08-31 02:00:00", 1),
    "iceland_met_office.cap": Foreign(A, "2021-09-10 21:30:26", "2021-09-13 18:00:00", 1),
    "mexico.xml": Foreign(U, "2018-10-20 20:15:00", "2018-10-20 23:15:00", 1),
    "naads-alert_1.xml": Foreign(U, "2024-01-07 09:31:08", "2024-01-08 01:27:54", 3),
    "nws-5c2cf27b1f56885d61654dc47fa411d5.xml": Foreign(A, "2021-12-28 00:08:00", "2021-12-28 08:00:00", 1),
    "ph.cap": Foreign(A, "2014-11-03 14:57:33", "2014-11-04 03:57:28", 1, Status.TEST),
    "sweden.cap": Foreign(A, "2018-11-21 17:26:11", None, 2),
    "taiwan.cap": Foreign(A, "2014-05-14 20:10:00", "2014-05-14 21:10:00", 1),
    "v1dot1_appendix_adot1.xml": Foreign(A, "2003-04-03 03:39:01", None, 1),
    "v1dot2_appendix_adot1.xml": Foreign(A, "2003-04-03 03:39:01", None, 1),
    "v1dot2_appendix_adot2.xml": Foreign(A, "2003-06-18 05:57:00", "2003-06-18 07:00:00", 1),
    "v1dot2_appendix_adot3.xml": Foreign(U, "2003-06-12 11:56:00", None, 1),
    "v1dot2_appendix_adot4.xml": Foreign(A, "2003-06-12 13:39:00", None, 1),
    "wcatwc-warning.cap": Foreign(U, "2011-09-02 19:36:50", "2011-09-02 20:36:50", 1),
    "weather.cap": Foreign(A, "2014-05-11 12:00:00", "2014-05-12 09:00:00", 1),
}

_NEITHER = "来文既不是 XML 也不是 JSON，读不出预警，请让发送方检查文件。"
REFUSED: Mapping[str, str] = {
    "13013241600000_20260826160913_excerpt.xml": "来文缺少 msgType，请让发送方补上后重发。",
    "google-canada_errors.cap": "来文缺少 references，请让发送方补上后重发。",
    "google-noaa_errors.cap": "来文缺少 urgency，请让发送方补上后重发。",
    "invalid.cap": "来文缺少 scope，请让发送方补上后重发。",
    "invalid_xmlns.cap": "来文的命名空间不认识，只读 CAP 1.2、CAP 1.1 和 12379 三种，请让发送方改正后重发。",
    "ipaws-5e6dd9de023f1930ef6548d9.xml": "来文没有 info 段，看不出是什么预警，请让发送方补全后重发。",
    "no_info_tag.cap": "来文没有 info 段，看不出是什么预警，请让发送方补全后重发。",
    "no_optional_fields.cap": "来文没有 info 段，看不出是什么预警，请让发送方补全后重发。",
    "rfs.xml": "来文的根元素是“EDXLDistribution”而不是 alert，不是预警，请让发送方检查文件。",
    **dict.fromkeys(("LICENSE", "README.md", "alert-events.csv", "zip-names-2017-02.txt"), _NEITHER),
}

LISTINGS: Mapping[str, Mapping[Level | None, int]] = {
    "pudong-warnings.json": {B: 14, Y: 22, O: 11},
    "chongqing-5-districts-2026-07-13_2026-08-22.jsonl": {B: 43, Y: 31, O: 65, R: 27},
    "warnings-2026-07-18T0412Z.json": {B: 114, Y: 359, O: 93, R: 18, None: 9},
    "warnings-2026-07-27T0835Z.json": {B: 216, Y: 561, O: 108, R: 14, None: 2},
    "warnings-2026-08-02T1936Z.json": {B: 151, Y: 537, O: 264, R: 17, None: 3},
    "warnings-2026-08-02T2341Z.json": {B: 141, Y: 472, O: 253, R: 14, None: 3},
    "warnings-2026-08-09T1402Z.json": {B: 268, Y: 431, O: 147, R: 127, None: 3},
}
"""Records of the long lists by level; tests/sources/test_public.py looks at each record besides."""

TYPES: Mapping[str, Hazard | None] = {
    **{hazard.value: hazard for hazard in Hazard},
    "地质灾害气象风险": Hazard.LANDSLIDE,
    "气象干旱": Hazard.DROUGHT,
    "渍涝风险": Hazard.WATERLOGGING,
    "Strong convection": Hazard.CONVECTION,
    "Forest (grassland) fire risk": Hazard.FOREST_FIRE,
    "Agrometeorological Disaster": None,
    "Other meteorological disasters": None,
    "Sea wave": None,
}
"""Every name of a hazard in the long lists."""
COLOURS = {"蓝色": B, "黄色": Y, "橙色": O, "红色": R, "": None}


def public() -> list[Path]:
    """Every public document; none where the folder is missing."""
    return sorted(path for path in PUBLIC.rglob("*") if path.is_file())


def check_alert(alert: Alert, expected: Expected) -> None:
    """Whether an alert says what the table says, and doubts no more than that."""
    info, expires = alert.info, alert.info.expires
    areas = tuple(tuple(code.value for code in area.geocodes) for area in info.areas)
    until = None if expires is None else beijing(expires)
    said = Expected(info.hazard, info.level, areas, alert.msg_type, beijing(alert.sent), until, alert.references)
    assert said == expected._replace(doubt="")
    assert bool(alert.doubts) == bool(expected.doubt)
    assert expected.doubt in "".join(alert.doubts)
