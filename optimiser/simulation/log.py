"""What happened in a replication, in order: stays, households that gave up, beds out of service."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import TypeAlias

Whole: TypeAlias = "array[int]"
Times: TypeAlias = "array[float]"


def _whole() -> Whole:
    return array("q")


def _times() -> Times:
    return array("d")


@dataclass(slots=True)
class Log:
    """Columns that grow together; times in days from the start of the run.

    `who`, `unit`, `placed`, `leaves` have an entry a stay: the household, its unit, when it was given it and
    when it leaves. Residents are the first; they have theirs from the start, or come later. `asked_again`
    says for some stays when the household, having lost another place, asked for this one. `returned`,
    `returned_at` have an entry a household that lost a place and needs another, `closed_unit`, `closed_from`,
    `closed_until` one a bed out of service. `asked`, `gives_up` have one a household: when it asked last, and
    when it stops waiting if it has no place by then.
    """

    who: Whole = field(default_factory=_whole)
    unit: Whole = field(default_factory=_whole)
    placed: Times = field(default_factory=_times)
    leaves: Times = field(default_factory=_times)
    asked_again: dict[int, float] = field(default_factory=dict)
    returned: Whole = field(default_factory=_whole)
    returned_at: Times = field(default_factory=_times)
    closed_unit: Whole = field(default_factory=_whole)
    closed_from: Times = field(default_factory=_times)
    closed_until: Times = field(default_factory=_times)
    asked: Times = field(default_factory=_times)
    gives_up: Times = field(default_factory=_times)
    events: int = 0
