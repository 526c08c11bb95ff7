"""The channels file: which providers carry what, in order of preference. Every error with file, line and key."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Annotated, Any, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from callout.domain.errors import RuleError
from callout.domain.form import Charset, Form, Overflow, Variable
from callout.domain.meaning import MessageKind, NoticeKind
from callout.ports import ChannelsPlan, ProviderEntry
from callout.rulebook.document import Document, explain, load, near

KINDS = frozenset({*MessageKind, *NoticeKind})
"""Kinds of message that a template may be for."""


def read_channels(path: Path, types: Collection[str], config_of: Callable[[str], type]) -> ChannelsPlan:
    """What the file says. `config_of` gives the Config of a type; ImportError: its package is not installed.

    Raises RuleError, in Chinese, for the first thing that cannot be used.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError:
        raise RuleError(f"{path.name}：读不出来；请检查 CALLOUT_CHANNELS 和文件权限。") from None
    except UnicodeDecodeError:
        raise RuleError(f"{path.name}：文件编码不是 UTF-8；请用编辑器另存为 UTF-8。") from None
    document = load(path.name, text)
    found, mistakes = document.read(ChannelsFile)
    if found is None:
        raise mistakes[0]
    entries = [_entry(document, number, one, types, config_of) for number, one in enumerate(found.providers)]
    for number, one in enumerate(entries):
        if one.name in {other.name for other in entries[:number]}:
            raise document.fail(("providers", number, "name"), f"通道“{one.name}”写了两次；请改成不同的名称。")
    return ChannelsPlan(tuple(entries))


def prices(plan: ChannelsPlan) -> dict[str, int]:
    """Provider → price of one part or one call in 分, where the file says it."""
    found = {one.name: getattr(one.config, "cost_fen", 0) for one in plan.providers}
    return {name: price for name, price in found.items() if price}


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class VariableModel(_Strict):
    """One gap of a template."""

    name: str = Field(min_length=1, max_length=40)
    value: str = Field(min_length=1)
    longest: int = Field(default=20, ge=1, le=1000)
    charset: Annotated[str, Field(pattern=f"^(?:{'|'.join(Charset)})$")] = Charset.PLAIN.value
    overflow: Annotated[str, Field(pattern=f"^(?:{'|'.join(Overflow)})$")] = Overflow.REFUSE.value


class FormModel(_Strict):
    """One approved template."""

    code: str = Field(min_length=1, max_length=80)
    words: str = Field(min_length=1, max_length=1000)
    variables: list[VariableModel] = []


class ProviderModel(_Strict):
    """One provider."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{0,39}$", examples=["yidong-sms"])
    type: str
    regions: list[Annotated[str, Field(pattern=r"^\+[1-9][0-9]{0,9}$", examples=["+86", "+86138"])]] = []
    settings: dict[str, Any] = {}
    forms: dict[str, FormModel] = {}


class ChannelsFile(_Strict):
    """The whole file."""

    providers: list[ProviderModel] = Field(min_length=1)


def _entry(
    document: Document, number: int, one: ProviderModel, types: Collection[str], config_of: Callable[[str], type]
) -> ProviderEntry:
    place = ("providers", number)
    if one.type not in types:
        raise document.fail((*place, "type"), f"没有“{one.type}”这种通道{near(one.type, sorted(types))}；请改正。")
    for kind in one.forms.keys() - KINDS:
        hint = near(kind, sorted(KINDS)) or f"；可用的有：{'、'.join(sorted(KINDS))}"
        raise document.fail((*place, "forms", kind), f"没有“{kind}”这种消息{hint}；请改正。")
    try:
        shape = config_of(one.type)
    except ImportError as error:
        message = f"通道“{one.type}”要用的 {error.name} 没有安装；请按 docs/channels.md 安装后再试。"
        raise document.fail((*place, "type"), message) from None
    forms = {kind: _form(form) for kind, form in one.forms.items()}
    return ProviderEntry(
        one.name, one.type, tuple(one.regions), config_of_type(document, place, shape, one.settings), forms
    )


def _form(model: FormModel) -> Form:
    variables = (
        Variable(v.name, v.value, v.longest, Charset(v.charset), Overflow(v.overflow)) for v in model.variables
    )
    return Form(model.code, model.words, tuple(variables))


def config_of_type(document: Document, place: tuple[str | int, ...], shape: type, settings: Mapping[str, Any]) -> Any:
    """The settings as an instance of the channel's own Config."""
    model = _model(shape)
    try:
        read = model.model_validate(dict(settings))
        return shape(**{name: getattr(read, name) for name in type(read).model_fields})
    except ValidationError as error:
        # A misspelt key is also a missing one; the first is what the reader can mend.
        first = min(error.errors(include_url=False), key=lambda one: one["type"] != "extra_forbidden")
        raise document.fail((*place, "settings", *first["loc"]), explain(first, model)) from None
    except ValueError as error:
        raise document.fail((*place, "settings"), str(error)) from None


def _model(shape: type) -> type[BaseModel]:
    """The dataclass as a pydantic model: so that a misspelt key is refused, and every error names its place."""
    hints = get_type_hints(shape)
    known: dict[str, Any] = {}
    for one in fields(shape):
        secret = (
            Field(pattern=r"^[A-Z][A-Z0-9_]{0,63}$", examples=["ALIYUN_SECRET"]) if one.name.endswith("_env") else None
        )
        default = ... if one.default is MISSING else one.default
        kind = hints[one.name]
        if one.default_factory is not MISSING:
            default = one.default_factory()
        known[one.name] = (Annotated[kind, secret] if secret and default != "" else kind, default)
    return create_model(shape.__name__, __config__=ConfigDict(extra="forbid", frozen=True), **known)
