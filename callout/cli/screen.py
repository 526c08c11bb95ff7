"""What all commands share: options by the fields of a dataclass, short Chinese lines, JSON where asked for."""

import json
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from inspect import signature
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_type_hints

import typer

from callout.domain.errors import CalloutError
from callout.domain.instant import BEIJING, Instant, instant

C = TypeVar("C")

Json = Annotated[bool, typer.Option("--json", help="以 JSON 输出，供程序读取")]


def say(text: str = "", *, bold: bool = False) -> None:
    """One line for a person."""
    typer.secho(plain(text), bold=bold)


def warn(text: str) -> None:
    """One line that must not be overlooked."""
    typer.secho(plain(text), fg=typer.colors.YELLOW, bold=True)


def fail(text: str) -> None:
    """One red sentence to stderr."""
    typer.secho(plain(text), fg=typer.colors.RED, err=True)


def show_json(document: Any) -> None:
    """The document, for programs."""
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2))


@contextmanager
def writing(place: Path | str) -> Iterator[None]:
    """Around what is written there. Raises CalloutError where the machine refuses."""
    try:
        yield
    except OSError as error:
        raise CalloutError(f"写不进 {place}（{error.strerror}），请检查目录、权限和磁盘空间，或换一个位置") from None


def write_out(out: Path, raw: bytes, hint: str = "") -> None:
    """The file that was asked for, and a line that says so. Raises CalloutError where it cannot be written."""
    with writing(out):
        out.write_bytes(raw)
    say(f"已写出 {out}{hint}")


def plain(text: str) -> str:
    """Without what could move a cursor, recolour or reverse a screen: headlines and names come from outside."""
    return "".join(c if unicodedata.category(c) not in ("Cc", "Cf", "Cs") else " " for c in text)


def day(text: str, after: int = 0) -> Instant:
    """The first instant of that day in Beijing, or of one so many days after it. Raises CalloutError for no day."""
    try:
        return instant(datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=BEIJING) + timedelta(days=after))
    except ValueError:
        raise CalloutError(f"“{text}”不是日期，请写成 2026-07-01 这样") from None


def period(since: str, until: str) -> tuple[Instant, Instant]:
    """From the first day to the end of the last. Raises CalloutError where that is nothing."""
    begin, end = day(since), day(until, after=1)
    if end <= begin:
        raise CalloutError("--to 不能早于 --from")
    return begin, end


def options(choices: type[C]) -> Callable[[Callable[[C], None]], Callable[..., None]]:
    """Turns a function of `choices` into a command whose arguments and options are its fields.

    For commands with more options than a function should have parameters; typer reads them off the signature.
    """

    def decorate(run: Callable[[C], None]) -> Callable[..., None]:
        def command(**given: Any) -> None:
            run(choices(**given))

        command.__doc__ = run.__doc__
        command.__name__ = run.__name__
        command.__annotations__ = get_type_hints(choices, include_extras=True)
        vars(command)["__signature__"] = signature(choices)
        return command

    return decorate
