"""What follows from a "no": who may give which reason, for how long the site is out of the question, and why.

A consequence is stated and dated. A survivor's "no" is an outcome and nothing else: it never touches her
priority or her place in line, and nothing here could. A decline is about a site (`allocation.md` §3).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

from beds.domain.terms import DeclinedBy


@dataclass(frozen=True, slots=True)
class Consequence:
    """What follows from a decline: the site is not offered for so many nights, for good where None.

    `sentence` says so to whoever records it.
    """

    nights: int | None
    sentence: str

    def until(self, today: date) -> date | None:
        """Return the first night on which the site may be offered again, None for never."""
        return None if self.nights is None else today + timedelta(days=self.nights)


_SURVIVOR, _PROVIDER = DeclinedBy.SURVIVOR, DeclinedBy.PROVIDER

CONSEQUENCES: Final[Mapping[tuple[DeclinedBy, str], Consequence]] = MappingProxyType(
    {
        (_SURVIVOR, "location"): Consequence(
            28,
            "The site is not offered to her for four weeks; after that she is asked again.",
        ),
        (_SURVIVOR, "too_near"): Consequence(
            None, "The site is never offered to her again: it is too near to what she is not safe from."
        ),
        (_SURVIVOR, "too_far"): Consequence(
            28, "The site is not offered to her for four weeks: where her support is may change."
        ),
        (_SURVIVOR, "sharing"): Consequence(
            7,
            "The site is not offered to her for a week; if she never wants to share, record that as a need.",
        ),
        (_SURVIVOR, "other"): Consequence(14, "The site is not offered to her for two weeks."),
        (_PROVIDER, "needs"): Consequence(
            28,
            "The site is not proposed for this household for four weeks.",
        ),
        (_PROVIDER, "mix_of_house"): Consequence(
            14, "The site is not proposed for this household for two weeks: who lives there changes."
        ),
        (_PROVIDER, "staffing"): Consequence(
            2, "The site is not proposed for this household for two nights; then there is another rota."
        ),
        (_PROVIDER, "building"): Consequence(
            7,
            "The site is not proposed for this household for a week; close beds that are out of use.",
        ),
        (_PROVIDER, "other"): Consequence(7, "The site is not proposed for this household for a week."),
    }
)
"""Every reason there is, by who gives it.

Assumption: the lengths, to be confirmed with the contract managers of both nations. They follow from what
the reason is about. `too_near` is about safety and lasts. `location` and `too_far` are a view of a place,
worth asking again when the recovery period is under way. `mix_of_house` turns over with the stays, `staffing`
with the rota, `building` with the repair. `other` is shortest where it is the provider's, because a bed is
scarce and nobody has said what would have to change.
"""


def reasons_of(declined_by: DeclinedBy) -> tuple[str, ...]:
    """Return the reasons that one side may give."""
    return tuple(reason for who, reason in CONSEQUENCES if who is declined_by)


def consequence_of(declined_by: DeclinedBy, reason: str) -> Consequence:
    """Return what follows from a decline.

    Raises
    ------
    ValueError
        It is not a reason that this side may give; those that are accepted are named.
    """
    found = CONSEQUENCES.get((declined_by, reason))
    if found is None:
        raise ValueError(f"reason: one of {', '.join(reasons_of(declined_by))} is accepted")
    return found
