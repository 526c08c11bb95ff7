"""Rules that demand feedback, for stories about what comes after the answer."""

from callout.rulebook.reading import parse, read_files
from tests.scenarios.field import COUNTY, Field

TOWN = "townships/500156101-白马镇.yaml"
DEMANDS = """    feedback:
      - {kind: 到岗, within: 30m, roles: [党政主要负责人, 网格员]}
      - {kind: 转移, within: 1小时, roles: [网格员]}
"""


def demanding(field: Field) -> Field:
    """白马 demands at orange: 到岗 within 30 minutes, and of grid members 转移 within an hour."""
    files = read_files(field.app.settings.rules)
    before, marker, after = files[TOWN].partition("  - id: 橙色起\n")
    assert marker
    head, calls, rest = after.partition("    calls:\n")
    files = {**files, TOWN: before + marker + head + DEMANDS + calls + rest}
    book = parse(files, COUNTY)
    field.app.store.write(lambda work: work.rosters.use_rulebook(book, files))
    return field
