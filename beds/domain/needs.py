"""What kinds of household beds are planned for: flags of a household, not a partition.

One household may have several needs at once, so the lines of needs add up to more than the line of all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Final

from beds.domain.accommodation import ADULT_AGE
from beds.domain.referral import Person, Referral
from beds.domain.terms import Gender

HIGH_SECURITY_LEVEL: Final = 3


class Need(StrEnum):
    """A kind of household that beds are counted for; a household has all that hold of it."""

    ALL = "all"
    WOMEN = "women"
    MEN = "men"
    MIXED_OR_OTHER = "mixed_or_other"
    WITH_CHILDREN = "with_children"
    HIGH_SECURITY = "high_security"
    STEP_FREE = "step_free"
    LANGUAGE = "language"


NEEDS: Final = tuple(Need)
NEED_LABELS: Final[Mapping[Need, str]] = {
    Need.ALL: "All households",
    Need.WOMEN: "Women",
    Need.MEN: "Men",
    Need.MIXED_OR_OTHER: "Couples of two genders, and other genders",
    Need.WITH_CHILDREN: "With children, or a baby due",
    Need.HIGH_SECURITY: "High security",
    Need.STEP_FREE: "Step-free",
    Need.LANGUAGE: "Staff who speak her language",
}
"""The words of screens and tables. Women and Men are households whose adults are all of that gender."""


def needs_of(referral: Referral, people: Sequence[Person]) -> frozenset[Need]:
    """Return every need of a household, what was not asked being read with caution (`allocation.md` §1).

    Step-free access not yet asked counts as needed, security not yet assessed as enhanced and so not as high.
    An age not yet asked is taken as an adult's for the lead and as a child's for the others.
    """
    children = [person for person in people if _is_child(person)]
    genders = {person.gender for person in people if not _is_child(person)}
    needs = {Need.ALL, _of_adults(genders)}
    if children or any(person.due_on is not None for person in people):
        needs.add(Need.WITH_CHILDREN)
    if referral.security_needed >= HIGH_SECURITY_LEVEL:
        needs.add(Need.HIGH_SECURITY)
    if referral.step_free_needed:
        needs.add(Need.STEP_FREE)
    if referral.language_required:
        needs.add(Need.LANGUAGE)
    return frozenset(needs)


def beds_for(people: Iterable[Person]) -> int:
    """Return the beds, cots among them, that a household needs: one a person, and one a baby that is due."""
    return sum(1 + (person.due_on is not None) for person in people)


def is_with_an_adult(people: Iterable[Person]) -> bool:
    """Return whether an adult is among them: children alone are a local authority's, and not planned for."""
    return any(not _is_child(person) for person in people)


def _of_adults(genders: set[Gender]) -> Need:
    if genders == {Gender.FEMALE}:
        return Need.WOMEN
    return Need.MEN if genders == {Gender.MALE} else Need.MIXED_OR_OTHER


def _is_child(person: Person) -> bool:
    return not person.is_lead if person.age is None else person.age < ADULT_AGE
