"""What may go wrong on purpose: a stable code and a message that is safe to show.

A message names places (file, line, column, reference) and what is accepted; it never carries a value that
could be personal. The command line turns these into exit codes, once, in `cli.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class BedsError(Exception):
    """Anything this service refuses, with a code that callers can rely on."""

    code = "error"
    exit_code = 2


class BadInput(BedsError):
    """A file, an option or a value that cannot be used."""

    code = "bad_input"


class NotFound(BedsError):
    """No such record."""

    code = "not_found"


class NotPermitted(BedsError):
    """The actor may not do this."""

    code = "not_permitted"
    exit_code = 3


class DatabaseUnavailable(BedsError):
    """The database is busy, behind or damaged."""

    code = "database_unavailable"
    exit_code = 4


class Busy(DatabaseUnavailable):
    """Somebody else is writing; nothing was changed, and the same again may well succeed."""

    code = "busy"


class NotSignedIn(NotPermitted):
    """There is no token, or it is not known, has expired or was revoked."""

    code = "not_signed_in"


class NotAllowedNow(BedsError):
    """The step may not follow where things stand."""

    code = "not_allowed_now"
    exit_code = 1


class ChangedMeanwhile(BedsError):
    """Somebody else changed the record since it was read: look at it again."""

    code = "changed_meanwhile"
    exit_code = 1


class HardRuleBroken(BedsError):
    """A hard rule stands in the way; nobody can override it.

    `rules` are the codes of what is broken, keep-apart shown as no room (`allocation.md` §5).
    """

    code = "hard_rule_broken"
    exit_code = 1

    def __init__(self, message: str, rules: Sequence[str] = ()) -> None:
        """Keep the codes of the rules."""
        self.rules = tuple(rules)
        super().__init__(message)


class PreferenceUnmet(BedsError):
    """Preferences are not met; they may be overridden by who may, with a reason for each.

    `preferences` are the kinds of mismatch without a reason.
    """

    code = "preference_unmet"
    exit_code = 1

    def __init__(self, message: str, preferences: Sequence[str] = ()) -> None:
        """Keep the kinds of mismatch."""
        self.preferences = tuple(preferences)
        super().__init__(message)


class Anonymised(BedsError):
    """The case was anonymised: its key is gone, and with it what was encrypted under it."""

    code = "anonymised"
    exit_code = 1


class BedJustTaken(BedsError):
    """Somebody else's stay in the bed overlaps this one; the database refused it."""

    code = "bed_just_taken"
    exit_code = 1


class RecordRefused(BedsError):
    """The database's own guards refuse a change: the last line behind the checks of the services."""

    code = "record_refused"


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing wrong in the input: where, what, and what is accepted."""

    file: str
    line: int | None
    column: str | None
    message: str

    def __str__(self) -> str:
        """`referrals.csv line 12, priority: must be one of emergency, standard, urgent`."""
        line = f" line {self.line}" if self.line is not None else ""
        column = f", {self.column}" if self.column else ""
        return f"{self.file}{line}{column}: {self.message}"


class ImportRejected(BedsError):
    """The input is refused whole; every fault is listed, nothing was written."""

    code = "import_rejected"

    def __init__(self, faults: Sequence[Fault]) -> None:
        """Keep every fault, in the order of files and lines."""
        self.faults = tuple(faults)
        super().__init__(f"{_counted(self.faults)} in the input; nothing was written")


class ScenarioRejected(ImportRejected, BadInput):
    """A scenario is refused whole; every fault is listed with its place and what is accepted."""

    code = "bad_input"

    def __init__(self, faults: Sequence[Fault]) -> None:
        """Keep every fault, in the order of lines."""
        super().__init__(faults)
        self.args = (f"{_counted(self.faults)} in the scenario; nothing was run",)


class HistoryRejected(ImportRejected, BadInput):
    """A history is refused whole; every fault is listed with its place and what is accepted."""

    code = "bad_input"

    def __init__(self, faults: Sequence[Fault]) -> None:
        """Keep every fault, in the order of lines."""
        super().__init__(faults)
        self.args = (f"{_counted(self.faults)} in the history; nothing was run",)


def _counted(faults: Sequence[Fault]) -> str:
    return f"{len(faults)} fault{'' if len(faults) == 1 else 's'}"
