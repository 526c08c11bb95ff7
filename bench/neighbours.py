"""Counties side by side on one database: the sample rules and a synthetic roster under codes of their own."""

from callout.app import App
from callout.ports import Document
from callout.rulebook.reading import parse, read_files
from callout.rulebook.roster import roster_sample

CODE, NAME, SIZE = "500156", "武隆", 10_000
"""The sample county; and how many people a county has."""
_SPARE = 500_900
"""Codes behind it belong to no county."""


def codes(people: int) -> list[str]:
    """Of as many counties as so many people live in, the sample county first."""
    return [CODE, *(str(_SPARE + at) for at in range(1, people // SIZE))]


def load(app: App, code: str, people: int, seed: int) -> None:
    """Put the rules and `people` persons of the county `code` in force."""
    files = {name: _renamed(text, code) for name, text in read_files(app.settings.rules).items()}
    files = {name.replace(CODE, code): text for name, text in files.items()}
    rulebook = parse(files, code)
    app.store.write(lambda work: work.rosters.use_rulebook(rulebook, files))
    app.use_roster(roster_sample(rulebook.county, people, seed, rulebook), "示例·压测")


def concerning(document: Document, code: str) -> Document:
    """A document for the sample county, as the county `code` would get it."""
    return Document(document.name, document.origin, _renamed(document.raw.decode(), code).encode())


def _renamed(text: str, code: str) -> str:
    return text if code == CODE else text.replace(CODE, code).replace(NAME, f"合成{code[-2:]}")
