"""The whole proof of one county: the space, the findings, the matrix, and what mends it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from callout.domain.proof.by_crowd import crowd_findings
from callout.domain.proof.by_posts import post_findings
from callout.domain.proof.by_roster import Checked, Ground, check, missing
from callout.domain.proof.by_rules import Plan, rule_findings
from callout.domain.proof.by_sites import site_findings
from callout.domain.proof.finding import Danger, Finding, Kind, Remedy, in_order, smallest_change
from callout.domain.proof.space import Case, Demands, Space, survey
from callout.domain.proof.states import shift_findings


@dataclass(frozen=True, slots=True)
class Cell:
    """How one area stands in one case: the worst over all times of day, clock times and assumptions."""

    due: int
    """Posts that would be called, at most."""
    troubled: int
    """Of them: with some fault."""
    worst: int
    """The highest danger of a fault there; 0 = none."""


EMPTY = Cell(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Proof:
    """What is proved, and what speaks against it."""

    space: Space
    matrix: Mapping[str, Mapping[Case, Cell]]
    """Area key → case → cell."""
    findings: tuple[Finding, ...]
    """The most dangerous first."""
    remedies: tuple[Remedy, ...]
    """Few changes that mend all of it."""
    posts: int
    """Posts whose ladders were climbed."""
    shapes: int
    """Classes of posts that are reached alike."""

    @property
    def holds(self) -> bool:
        """Whether nothing worse than a note was found."""
        return not any(one.danger > Danger.NOTE for one in self.findings)


def prove(ground: Ground) -> Proof:
    """Prove the rules and the roster against each other. Raises RosterError for a roster that contradicts itself."""
    space = survey(ground.rulebook)
    checked = check(ground, space)
    findings = in_order(
        [
            *rule_findings(Plan(ground.rulebook, space)),
            *missing(ground, space),
            *checked.findings,
            *post_findings(ground, space),
            *shift_findings(ground.roster, ground.now),
            *crowd_findings(ground, space),
            *site_findings(ground.relocation, ground),
        ]
    )
    matrix = _marked(_matrix(ground, space, checked), findings)
    return Proof(space, matrix, findings, smallest_change(findings), checked.posts, checked.shapes)


def _matrix(ground: Ground, space: Space, checked: Checked) -> dict[str, dict[Case, Cell]]:
    county = ground.rulebook.county
    by_case: defaultdict[Case, list[Demands]] = defaultdict(list)
    for one in space.demands:
        by_case[one.case].append(one)
    areas = (county.key, *(town.key for town in county.townships))
    rows: dict[str, dict[Case, Cell]] = {area: {} for area in areas}
    for case in space.cases:
        for area, cell in _cells(by_case[case], checked).items():
            rows[area][case] = cell
    return rows


def _marked(rows: dict[str, dict[Case, Cell]], findings: Sequence[Finding]) -> dict[str, dict[Case, Cell]]:
    """The rows with what no post shows: posts that are missing, warnings that call nobody."""
    for one in findings:
        for area in one.areas:
            for case in one.cases:
                cell, missing_ = rows[area].get(case, EMPTY), one.kind is Kind.NO_POST
                rows[area][case] = Cell(cell.due + missing_, cell.troubled + missing_, max(cell.worst, one.danger))
    return rows


def _cells(points: Sequence[Demands], checked: Checked) -> dict[str, Cell]:
    """The widest point decides how many are due, the worst one how it stands."""
    found: dict[str, Cell] = {}
    for one in points:
        here: defaultdict[str, Cell] = defaultdict(lambda: EMPTY)
        for (area, role), match in one.found.items():
            tested = checked.tested.get((area, role, match.ladder.name))
            if tested:
                cell = here[area]
                here[area] = Cell(
                    cell.due + tested.posts, cell.troubled + tested.troubled, max(cell.worst, tested.worst)
                )
        for area, cell in here.items():
            before = found.get(area, EMPTY)
            found[area] = Cell(
                max(cell.due, before.due), max(cell.troubled, before.troubled), max(cell.worst, before.worst)
            )
    return found
