"""docs/explain.md shows what explain makes of the documents of the shared collection."""

import re

from callout.cli.explain import NEEDS_A_HUMAN, REFUSED
from tests.explain_table import WARNINGS, table, written


def test_the_table_in_the_manual_is_what_explain_says() -> None:
    rows = re.findall(r"(?m)^\| `\S+` \| (\d) \| .* \| .+ \|$", written())
    assert len(rows) == written().count("\n") - 2 > 0
    assert {int(code) for code in rows} <= {0, REFUSED, NEEDS_A_HUMAN}
    # The documents are not part of the checkout; where they lie beside it, they are looked at again.
    assert not WARNINGS.is_dir() or written() == table()
