"""What the interface is, as OpenAPI 3.1."""

from typing import Any

from fastapi import APIRouter
from fastapi.openapi.utils import get_openapi

from callout.web.api import feed, reading, writing

router = APIRouter(tags=["说明"])

VERSION = "1"
_ABOUT = (
    "给程序用的接口。请求头 Authorization: Bearer 密钥；密钥由管理员在“用户与密钥”页发放，"
    "有权限（读取、送入、处理）和范围。"
    "每个 POST 都要有 Idempotency-Key：同一个键再来，得到同一个答复，不会做两次。"
    "出错时是 application/problem+json。时间是北京时间的 ISO 8601。号码只显示末四位。"
)


@router.get("/api/v1/openapi.json")
def openapi() -> dict[str, Any]:
    """This description."""
    routes = [*reading.router.routes, *writing.router.routes, *feed.router.routes]
    made = get_openapi(title="叫应 callout", version=VERSION, description=_ABOUT, routes=routes)
    made.setdefault("components", {})["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    made["security"] = [{"key": []}]
    return made
