"""How well an allowed unit suits a household, in points: soft, never in the way of a hard rule.

`allocation.md` §4 lists the seven; the points are settings.
"""

from __future__ import annotations

import numpy as np

from beds.domain.eligibility import Pairing, staff_speak_it
from beds.domain.households import Ints
from beds.domain.points import MISMATCH_KINDS, MismatchPoints


def mismatch_points(p: Pairing, rows: Ints, units: Ints, points: MismatchPoints) -> Ints:
    """Return the points of each kind for the given pairs.

    Parameters
    ----------
    p : Pairing
    rows, units : ndarray, shape (P,)
        Household and unit of each pair, all hard rules holding.
    points : MismatchPoints

    Returns
    -------
    ndarray, shape (P, 7)
        Columns in the order of `MISMATCH_KINDS`.
    """
    h, s, u = p.households, p.sites, p.units
    site = u.site[units]
    spoken = staff_speak_it(p)[rows, site] | h.speaks_english[rows]
    in_region = h.preferred[rows, s.region_column[site]] | ~h.has_preference[rows]
    extra_services = (s.services[site] & ~h.services[rows]).sum(axis=1)
    counts = (
        s.max_stay[site] < h.nights[rows],
        ~spoken,
        ~in_region,
        s.security_level[site] - h.security_needed[rows],
        u.step_free[units] & ~h.step_free_needed[rows],
        extra_services,
        _beds_left_over(p, rows, units),
    )
    each = np.array([getattr(points, kind) for kind in MISMATCH_KINDS], dtype=np.int64)
    return np.stack([np.asarray(count, dtype=np.int64) for count in counts], axis=1) * each


def _beds_left_over(p: Pairing, rows: Ints, units: Ints) -> Ints:
    """Return the beds of a household's own unit that are free over the stay and not taken (P,)."""
    site = p.units.site[units]
    nights = p.nights[rows, site]
    there = (p.units.is_single | p.units.is_cot)[units]
    free = ((p.units.free_nights[units] >= nights[:, None]) & there).sum(axis=1)
    taken = p.households.singles[rows] + p.households.under_twos[rows] + p.births[rows, site]
    return np.where(p.units.shared[units], 0, free - taken)
