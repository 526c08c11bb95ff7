"""Counties side by side on one database: the sample rules and a synthetic roster under codes of their own."""

from bench.county import CODE, settle
from callout.app import App
from callout.ports import Document
from callout.rulebook.reading import parse, read_files

NAME, SIZE = "武隆", 10_000
"""The sample county's; and how many people a county has."""
_SPARE = 500_900
"""Codes behind it belong to no county."""


def codes(people: int) -> list[str]:
    """Of as many counties as so many people live in, the sample county first."""
    return [CODE, *(str(_SPARE + at) for at in range(1, people // SIZE))]


def load(app: App, code: str, people: int) -> None:
    """Put the rules and `people` persons of the county `code` in force."""
    sample = read_files(app.settings.rules)
    files = {name.replace(CODE, code): _renamed(text, code) for name, text in sample.items()}
    rulebook = parse(files, code)
    app.store.write(lambda work: work.rosters.use_rulebook(rulebook, files))
    settle(app, rulebook, people)


def concerning(document: Document, code: str) -> Document:
    """A document for the sample county, as the county `code` would get it."""
    return Document(document.name, document.origin, _renamed(document.raw.decode(), code).encode())


def _renamed(text: str, code: str) -> str:
    return text if code == CODE else text.replace(CODE, code).replace(NAME, f"合成{code[-2:]}")
