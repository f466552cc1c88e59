"""Phrases of the pages alone; those that the terminal uses too are in `beds.wording`."""

from collections.abc import Sequence

from beds.services.choosing import UnitOfEstate
from beds.wording import LABELS, counted


def kind_of(unit: UnitOfEstate) -> str:
    """Return what kind of unit it is."""
    words = ["shared" if unit.shared else "own door", counted(unit.beds, "bed")]
    return ", ".join([*words, "step-free"] if unit.step_free else words)


def rules_in_words(codes: Sequence[str]) -> str:
    """Return the rules that stand in the way, without saying one twice."""
    return "; ".join(dict.fromkeys(LABELS[code] for code in codes))
