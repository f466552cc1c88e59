"""What happened in a replication, in order: stays, households that gave up, beds out of service."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Log:
    """Lists that grow together; times in days from the start of the run.

    `who`, `unit`, `placed`, `leaves` have an entry a stay: the household, its unit, when it was given it and
    when it leaves. Residents are the first; they have theirs from the start, or come later (`comes`, by
    number of the stay). `asked_again` says for some stays when the household, having lost another place,
    asked for this one. `gave_up`, `gave_up_asked`, `gave_up_at` have an entry a household that stopped
    waiting, `returned`, `returned_at` one a household that lost a place and needs another, `closed_unit`,
    `closed_from`, `closed_until` one a bed out of service, `waiting` one a household that waits at the end.
    """

    who: list[int] = field(default_factory=list)
    unit: list[int] = field(default_factory=list)
    placed: list[float] = field(default_factory=list)
    leaves: list[float] = field(default_factory=list)
    asked_again: dict[int, float] = field(default_factory=dict)
    gave_up: list[int] = field(default_factory=list)
    gave_up_asked: list[float] = field(default_factory=list)
    gave_up_at: list[float] = field(default_factory=list)
    returned: list[int] = field(default_factory=list)
    returned_at: list[float] = field(default_factory=list)
    closed_unit: list[int] = field(default_factory=list)
    closed_from: list[float] = field(default_factory=list)
    closed_until: list[float] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)
    waiting_asked: list[float] = field(default_factory=list)
    events: int = 0
