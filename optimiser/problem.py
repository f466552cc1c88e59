"""The frozen problem of one round: everything needed to solve it, explain it and replay it months later.

It holds opaque references, counts and compiled verdicts only; a forbidden pair is not in it at all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

PROBLEM_VERSION: Final = 1
TIERS: Final = ("emergency", "urgent", "standard")
LEVELS: Final = (*TIERS, "days_waited", "mismatch")
"""The five levels of the objective, strictly in this order (`allocation.md` §4)."""


@dataclass(frozen=True, slots=True)
class NearMiss:
    """`units` units that had room and would be the household's but for these `rules`."""

    rules: tuple[str, ...]
    units: int
    askable: bool


@dataclass(frozen=True, slots=True)
class Request:
    """One household that takes part.

    `tier` indexes `TIERS`; `singles` and `under_twos` are people; `births` are offsets of due dates in nights
    from today; `sharing_class` is the one gender of all its people as an opaque number, None if there are
    several. `outcome` is set where it was settled before the round; `free_on` and `near_misses` belong to it.
    `kept_in` is the unit in which a person has settled that it stays, None where the round decides.
    """

    ref: str
    tier: int
    days_waited: int
    nights: int
    singles: int
    under_twos: int
    births: tuple[int, ...]
    sharing_class: int | None
    outcome: str | None = None
    free_on: str | None = None
    near_misses: tuple[NearMiss, ...] = ()
    kept_in: str | None = None

    def babies_by(self, nights: int) -> int:
        """Return the under-twos there will be before a stay of so many nights ends."""
        return self.under_twos + sum(due < nights for due in self.births)


@dataclass(frozen=True, slots=True)
class BedSlot:
    """A bed that is free for `free_nights` nights from today (None: with no end in sight)."""

    ref: str
    is_cot: bool
    free_nights: int | None


@dataclass(frozen=True, slots=True)
class UnitSlot:
    """A unit with its beds; `max_stay` is None where stays have no limit."""

    ref: str
    site: str
    shared: bool
    max_stay: int | None
    beds: tuple[BedSlot, ...]


@dataclass(frozen=True)
class Problem:
    """Requests, units, the allowed pairs between them with their mismatch, and who must be kept apart.

    Attributes
    ----------
    as_at, today : str
        The instant (ISO, with offset) and the night (ISO date).
    pairs : ndarray, shape (P, 2)
        Request and unit of every allowed pair, all hard rules holding against what stands before the round.
    mismatch : ndarray, shape (P, len(mismatch_kinds))
        Points, by kind.
    conflicts : tuple of (int, int)
        Requests that may not be in one site together.
    """

    as_at: str
    today: str
    requests: tuple[Request, ...]
    units: tuple[UnitSlot, ...]
    pairs: Ints
    mismatch: Ints
    mismatch_kinds: tuple[str, ...]
    conflicts: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        """Refuse a problem that could not have been compiled.

        Raises
        ------
        ValueError
            A pair or conflict refers to nothing, or the arrays do not fit together.
        """
        size = (len(self.requests), len(self.units))
        if self.pairs.shape != (len(self.mismatch), 2):
            raise ValueError("pairs and mismatch: one row a pair is needed in both")
        if len(self.pairs) and not ((self.pairs >= 0) & (self.pairs < np.array(size))).all():
            raise ValueError("pairs: every pair must name a request and a unit of the problem")
        if any(a == b or not min(a, b) >= 0 or max(a, b) >= size[0] for a, b in self.conflicts):
            raise ValueError("conflicts: two different requests of the problem are needed")

    @property
    def nights(self) -> Ints:
        """Return the length of the stay of each pair (P,)."""
        asked = np.array([r.nights for r in self.requests], dtype=np.int64)[self.pairs[:, 0]]
        limit = np.array(
            [asked.max(initial=0) if u.max_stay is None else u.max_stay for u in self.units], dtype=np.int64
        )
        return np.minimum(asked, limit[self.pairs[:, 1]])

    def to_json(self) -> str:
        """Return the problem as JSON text, the same bytes for the same problem."""
        document = {
            "problem_version": PROBLEM_VERSION,
            "as_at": self.as_at,
            "today": self.today,
            "requests": [_request_row(request) for request in self.requests],
            "units": [
                [u.ref, u.site, u.shared, u.max_stay, [[b.ref, b.is_cot, b.free_nights] for b in u.beds]]
                for u in self.units
            ],
            "pairs": self.pairs.tolist(),
            "mismatch_kinds": self.mismatch_kinds,
            "mismatch": self.mismatch.tolist(),
            "conflicts": self.conflicts,
        }
        return json.dumps(document, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the problem that `to_json` wrote.

        Raises
        ------
        ValueError
            The text is not a problem of this version.
        """
        document = json.loads(text)
        if not isinstance(document, dict) or document.get("problem_version") != PROBLEM_VERSION:
            raise ValueError(f"problem_version: {PROBLEM_VERSION} is accepted")
        kinds = tuple(document["mismatch_kinds"])
        return cls(
            as_at=document["as_at"],
            today=document["today"],
            requests=tuple(_request(row) for row in document["requests"]),
            units=tuple(
                UnitSlot(ref, site, shared, limit, tuple(BedSlot(*bed) for bed in beds))
                for ref, site, shared, limit, beds in document["units"]
            ),
            pairs=np.array(document["pairs"], dtype=np.int64).reshape(-1, 2),
            mismatch=np.array(document["mismatch"], dtype=np.int64).reshape(-1, len(kinds)),
            mismatch_kinds=kinds,
            conflicts=tuple((a, b) for a, b in document["conflicts"]),
        )


def _request_row(request: Request) -> dict[str, object]:
    row: dict[str, object] = {name: getattr(request, name) for name in Request.__slots__}
    row["near_misses"] = [[miss.rules, miss.units, miss.askable] for miss in request.near_misses]
    if request.kept_in is None:
        # Rounds from before anybody could be kept are the same text to the byte.
        del row["kept_in"]
    return row


def _request(row: Mapping[str, object]) -> Request:
    fields = dict(row)
    misses = fields.pop("near_misses")
    births = fields.pop("births")
    return Request(
        **fields,  # type: ignore[arg-type]
        births=tuple(births),  # type: ignore[arg-type]
        near_misses=tuple(NearMiss(tuple(r), n, a) for r, n, a in misses),  # type: ignore[attr-defined]
    )
