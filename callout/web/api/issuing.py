"""Issuing through the interface: the same form, check and guard as at the desk, for programs of a whole county."""

from hashlib import sha256

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response

from callout.web.access import SignedIn, Where
from callout.web.api.models import Json
from callout.web.api.once import Asking
from callout.web.api.problems import PROBLEMS
from callout.web.api.writing import Taken
from callout.web.issuing import WarningForm, WarningWords, may_issue, send_out

router = APIRouter(prefix="/api/v1", responses=PROBLEMS, tags=["送入和处理"])


@router.post("/warnings/issue", response_model=Taken)
def issue(where: Where, who: SignedIn, asking: Asking, words: WarningWords) -> Response:
    """Issue, upgrade, downgrade or end a warning of this office. Red waits for the shift leader."""

    if not may_issue(who):
        raise HTTPException(403, "发布预警的密钥要管到整个区县")

    def do() -> Json:
        form = WarningForm(**words.model_dump(), mark=_mark(who.login, asking.key))
        taken = send_out(where, who, form)
        return {"outcome": taken.outcome, "note": taken.note, "alert": taken.alert}

    return asking.receive(do)


def _mark(login: str, key: str) -> str:
    """One key is one filling-in of the form: sent again after a crash, it is the same warning."""
    digest = sha256(f"{login}\n{key}".encode()).hexdigest()
    return f"{int(digest[:16], 16) % 10**14:014d}_{digest[16:22]}"
