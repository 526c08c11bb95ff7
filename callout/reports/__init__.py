"""What people read of the record; nothing here writes to the database."""

from types import ModuleType

from callout.reports import account, effect, record, verification

REPORTS: tuple[ModuleType, ...] = (account, effect, record, verification)
"""Every report; each is a module whose first docstring line says what it tells."""
