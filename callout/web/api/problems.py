"""Errors for programs (RFC 9457): application/problem+json, one sentence, and which field is meant.

The sentence is Chinese, or in the language that the program asks for by Accept-Language.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from callout.web.language import LANGUAGES, in_plain, language_of, speaking
from callout.web.site import site

PREFIX = "/api/"
MEDIA = "application/problem+json"


class Wrong(BaseModel):
    """One field that cannot be taken."""

    field: str
    said: str


class Problem(BaseModel):
    """What went wrong, and how to mend it."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[Wrong] = []


_SCHEMA = {"$ref": "#/components/schemas/Problem"}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    code: {
        "model": Problem,
        "content": {MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        "description": said,
    }
    for code, said in {
        400: "没有 Idempotency-Key，或内容读不出来",
        401: "没有密钥，或密钥无效",
        403: "这把密钥没有这项权限",
        404: "没有这一项，或者不在密钥的范围内",
        409: "现在不能这样做，或同一个 Idempotency-Key 用于别的内容",
        413: "内容太大",
        422: "字段不对",
    }.items()
}

_SAID: Mapping[str, str] = {
    "missing": "必须填写",
    "string_too_long": "太长",
    "string_too_short": "太短",
    "string_type": "应是文字",
    "string_pattern_mismatch": "格式不对",
    "int_parsing": "应是整数",
    "int_type": "应是整数",
    "int_from_float": "应是整数",
    "greater_than_equal": "太小",
    "less_than_equal": "太大",
    "enum": "不是可用的值",
    "literal_error": "不是可用的值",
    "list_type": "应是列表",
    "too_long": "项目太多",
    "too_short": "项目太少",
    "json_invalid": "不是 JSON",
    "model_attributes_type": "应是一个对象",
    "date_from_datetime_parsing": "应是日期，例如 2026-08-02",
    "date_parsing": "应是日期，例如 2026-08-02",
    "datetime_from_date_parsing": "应是时间，例如 2026-08-03T06:00:00+08:00",
    "datetime_parsing": "应是时间，例如 2026-08-03T06:00:00+08:00",
    "timezone_aware": "时间要写明时区，例如 +08:00",
}


def is_api(request: Request) -> bool:
    """Whether a program asks."""
    return request.url.path.startswith(PREFIX)


def problem(request: Request, status: int, detail: str, errors: Sequence[Wrong] = ()) -> JSONResponse:
    """The answer."""
    folder = site(request).templates / "web"
    with speaking(language_of(request)) as spoken:
        wrong = [Wrong(field=one.field, said=in_plain(folder, one.said)) for one in errors]
        said = in_plain(folder, detail)
    made = Problem(title=HTTPStatus(status).phrase, status=status, detail=said, errors=wrong)
    return JSONResponse(made.model_dump(), status, {"Content-Language": LANGUAGES[spoken]}, MEDIA)


def wrong_fields(error: RequestValidationError) -> list[Wrong]:
    """Fields that cannot be taken, each by its name."""
    return [Wrong(field=_field(one["loc"]), said=_SAID.get(one["type"], "不对")) for one in error.errors()]


def listed(wrong: Sequence[Wrong]) -> str:
    """The first of them in one sentence."""
    names = "、".join(one.field for one in wrong[:5])
    return f"有字段不对：{names}"


def _field(place: Sequence[int | str]) -> str:
    return ".".join(str(one) for one in place[1:]) or str(place[0])
