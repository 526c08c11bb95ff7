"""What an installation says about its CMPP gateway, and what the gateway's answers mean."""

from collections.abc import Mapping
from dataclasses import dataclass

from callout.channels.cmpp.pdus import Version
from callout.channels.texting import LineConfig
from callout.ports import Outcome, Refusal, Submission

_SP_ID = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Config(LineConfig):
    """The account as the carrier gave it."""

    sp_id: str
    """企业代码 (Source_Addr, Msg_src)."""
    port: int = 7890
    protocol: str = "2.0"
    service_id: str = ""
    fee_type: str = "01"
    fee_code: str = "000000"

    def __post_init__(self) -> None:
        """Refuse what no gateway would take."""
        LineConfig.__post_init__(self)
        if self.protocol not in ("2.0", "3.0"):
            raise ValueError("protocol 只能写 2.0 或 3.0。")
        if len(self.sp_id) != _SP_ID:
            raise ValueError("sp_id 应是六位企业代码。")

    @property
    def version(self) -> Version:
        """The protocol's number on the wire."""
        return Version.V20 if self.protocol == "2.0" else Version.V30


_REFUSALS: Mapping[int, tuple[Refusal, str]] = {
    1: (Refusal.CONFIG, "消息结构错"),
    2: (Refusal.CONFIG, "命令字错"),
    3: (Refusal.BUSY, "消息序号重复"),
    4: (Refusal.CONFIG, "消息长度错"),
    5: (Refusal.CONFIG, "资费代码错"),
    6: (Refusal.CONTENT, "超过最大信息长"),
    7: (Refusal.CONFIG, "业务代码错"),
    9: (Refusal.ROUTE, "本网关不负责此号码"),
    10: (Refusal.CONFIG, "Src_Id 错"),
    11: (Refusal.CONFIG, "Msg_src 错"),
    12: (Refusal.CONFIG, "计费号码错"),
    13: (Refusal.CONTACT, "目的号码错"),
}
_FLOW = 8
"""流量控制错: came too fast, and was not processed."""


def refusal(result: int) -> Submission:
    """What a Result of SUBMIT_RESP other than 0 means."""
    if result == _FLOW:
        return Submission(Outcome.THROTTLED, reason="流量控制")
    kind, words = _REFUSALS.get(result, (Refusal.ROUTE, "其他错误"))
    return Submission(Outcome.REFUSED, reason=f"{words}（{result}）", kind=kind)
