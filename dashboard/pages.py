"""Which pages there are, in which section, and of which permissions each needs one.

A page is a row here and a file in `views/`. Hiding a page is no guard: each view asks `visitor` again, and
the services refuse what it may not do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from beds.roles import Actor, Permission

TONIGHT: Final = "Tonight"
PLANNING: Final = "Planning"
FIGURES: Final = "Figures"
OVERSIGHT: Final = "Oversight"
START: Final = "start"
"""The address of the page where a visitor starts, whichever it is; it is at `/` as well."""


@dataclass(frozen=True, slots=True)
class PageRow:
    """A page: its section and title in English, its file, and the permissions of which it needs one."""

    section: str
    title: str
    view: str
    any_of: tuple[Permission, ...]

    @property
    def path(self) -> str:
        """Its address: the name of its file."""
        return self.view.removesuffix(".py")


PAGES: Final = (
    PageRow(TONIGHT, "Today", "today.py", (Permission.SEE_CASES, Permission.SEE_STAYS)),
    PageRow(TONIGHT, "Refer", "refer.py", (Permission.RECORD_CASES,)),
    PageRow(TONIGHT, "Find a place", "find_a_place.py", (Permission.SEE_CASES,)),
    PageRow(TONIGHT, "Who could have a unit", "who_could_have_a_unit.py", (Permission.SEE_CASES,)),
    PageRow(TONIGHT, "Round", "round.py", (Permission.SEE_CASES,)),
    PageRow(TONIGHT, "Night pack", "night_pack.py", (Permission.SEE_CASES,)),
)
"""In the order of the navigation; the first that somebody may see is where they start."""


def pages_for(actor: Actor) -> tuple[PageRow, ...]:
    """Return the pages that somebody may see."""
    return tuple(row for row in PAGES if any(map(actor.may, row.any_of)))
