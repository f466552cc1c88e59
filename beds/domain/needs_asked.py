"""Which of the rules a household puts to a place: the needs that a place is seen to meet, or not.

A rule that asks nothing of any place for this household is not a need of it. Nothing here decides anything:
`beds.domain.eligibility` does.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from beds.domain.eligibility import BIT, Bits, Pairing

NEED_RULES: Final = (
    "nation",
    "gender",
    "children",
    "security",
    "services",
    "step_free",
    "language",
    "excluded_area",
    "house_mix",
)
"""The rules about what a household needs, in the order of `RULES`; the others are about what is there now."""

LOWEST_SECURITY_LEVEL: Final = 1


def needs_asked(p: Pairing) -> Bits:
    """Return the bits of the rules that each household puts to a place (R,).

    Who is admitted is asked for everybody. The nation is asked unless crossing the border is agreed, and the
    mix of the house unless sharing is agreed and known to be safe. A need that was not yet asked is one, in
    its cautious reading (`allocation.md` §1).
    """
    h = p.households
    asked = {
        "nation": ~h.cross_border,
        "gender": np.ones(len(h), dtype=np.bool_),
        "children": p.children_come.any(axis=1),
        "security": h.security_needed > LOWEST_SECURITY_LEVEL,
        "services": h.services.any(axis=1),
        "step_free": h.step_free_needed,
        "language": h.language_required,
        "excluded_area": h.excluded.any(axis=1),
        "house_mix": ~(h.accepts_sharing & h.risk_low),
    }
    bits = np.zeros(len(h), dtype=np.uint16)
    for code in NEED_RULES:
        bits |= np.where(asked[code], np.uint16(BIT[code]), np.uint16(0))
    return bits
