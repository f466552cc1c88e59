"""How long stays are: estimated from stays on record, or built from decision times; never guessed elsewhere.

Stays that go on are censored, stays that were only seen from some night on are truncated on the left. What
counts as enough records, and which figures go in, is for the caller to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from optimiser.stays import LONGEST_NIGHTS, Floats, Ints, StayLaw

Bools = NDArray[np.bool_]

LEAST_AT_RISK: Final = 10
"""Ours: the product limit is used up to the last departure at which so many were watched."""
LEAST_DEPARTURES: Final = 0.5
"""Where nobody left in the nights that the tail is estimated from, half a departure is taken."""


@dataclass(frozen=True, slots=True)
class StayRecords:
    """Stays on record, one a household.

    Attributes
    ----------
    nights : ndarray of int64, shape (n,)
        Nights from arrival to departure, or so far; at least 1.
    ended : ndarray of bool, shape (n,)
        Whether it has ended; otherwise it is censored: longer than `nights`.
    watched_after : ndarray of int64, shape (n,)
        Nights that had passed when watching began, 0 if from the arrival: had it ended by then, nobody would
        have known of it. Less than `nights`.
    """

    nights: Ints
    ended: Bools
    watched_after: Ints

    def __post_init__(self) -> None:
        """Refuse what cannot be on record.

        Raises
        ------
        ValueError
            The arrays differ in length, or a stay has no night in which it was watched.
        """
        if not len(self.nights) == len(self.ended) == len(self.watched_after):
            raise ValueError("nights, ended, watched_after: arrays of one length are accepted")
        if (self.watched_after < 0).any() or (self.nights <= self.watched_after).any():
            raise ValueError("nights: more than watched_after, which is 0 or more, is accepted")

    def __len__(self) -> int:
        """Return the number of stays."""
        return len(self.nights)


@dataclass(frozen=True, slots=True)
class ProductLimit:
    """The Kaplan–Meier estimate at the nights at which somebody left; all arrays of one length.

    `survival[i]` estimates the probability of a stay of more than `nights[i]` nights; `at_risk[i]` were
    watched just before, `departures[i]` left.
    """

    nights: Ints
    survival: Floats
    at_risk: Ints
    departures: Ints


@dataclass(frozen=True, slots=True)
class StayEstimate:
    """A law of stays with what it rests on.

    `tail_from` is the night after which the daily chance of leaving is held at `tail_hazard`.
    """

    law: StayLaw
    stays: int
    departures: int
    tail_from: int
    tail_hazard: float


def product_limit(records: StayRecords) -> ProductLimit:
    """Return the Kaplan–Meier estimate with right censoring and left truncation.

    Over the nights k at which somebody left, S(k) = ∏ (1 - d_j / n_j), j ≤ k: of the n_j who were watched
    before night j and had stayed to it, d_j left. Kaplan and Meier (1958); statsmodels' `SurvfuncRight`.

    Examples
    --------
    Three stays, of 2, 3 and 5 nights, the second going on: 1/3 leave after two nights, then 1 of 1.

    >>> stays = StayRecords(np.array([2, 3, 5]), np.array([True, False, True]), np.zeros(3, int))
    >>> limit = product_limit(stays)
    >>> limit.nights.tolist(), limit.survival.round(6).tolist(), limit.at_risk.tolist()
    ([2, 5], [0.666667, 0.0], [3, 1])
    """
    from statsmodels.duration.survfunc import SurvfuncRight

    if not records.ended.any():
        nothing = np.zeros(0, dtype=np.int64)
        return ProductLimit(nothing, np.zeros(0), nothing, nothing)
    # Without truncation `entry` is left out: the risk sets are the same, and the code path the plainer one.
    entry = records.watched_after if records.watched_after.any() else None
    found = SurvfuncRight(records.nights, records.ended.astype(np.int64), entry=entry)
    return ProductLimit(
        nights=np.asarray(found.surv_times, dtype=np.int64),
        survival=np.asarray(found.surv_prob, dtype=np.float64),
        at_risk=np.asarray(found.n_risk, dtype=np.int64),
        departures=np.asarray(found.n_events, dtype=np.int64),
    )


def estimate(records: StayRecords) -> StayEstimate:
    """Return the law of stays that records speak for.

    The product limit from the first to the last departure at which at least `LEAST_AT_RISK` were watched.
    After it the chance of leaving is the same every night: departures ÷ nights watched, over the second half
    of the nights up to there (a tail without memory; ours). Before it, where watching began late, the same
    over those first nights. With fewer than `LEAST_AT_RISK` watched anywhere, all of it is such a tail.

    Raises
    ------
    ValueError
        There is no stay on record.
    """
    if not len(records):
        raise ValueError("records: at least one stay is accepted")
    limit = product_limit(records)
    enough = np.flatnonzero(limit.at_risk >= LEAST_AT_RISK)
    kept = slice(int(enough[0]), int(enough[-1]) + 1) if len(enough) else slice(0, 0)
    nights_kept = limit.nights[kept]
    head_until = int(nights_kept[0]) - 1 if len(enough) else 0
    tail_from = int(nights_kept[-1]) if len(enough) else 0
    tail = _hazard(records, tail_from // 2, tail_from or int(records.nights.max()))
    head = _hazard(records, 0, head_until) if kept.start else 0.0
    steps = np.r_[1.0, np.cumprod(1.0 - limit.departures[kept] / limit.at_risk[kept])]
    nights = np.arange(LONGEST_NIGHTS + 1)
    survival = steps[np.searchsorted(nights_kept, nights, side="right")]
    survival *= np.power(1.0 - head, np.minimum(nights, head_until))
    survival *= np.power(1.0 - tail, np.maximum(nights - tail_from, 0))
    return StayEstimate(
        StayLaw.of_survival(survival), len(records), int(records.ended.sum()), tail_from, tail
    )


def hazards_scaled(law: StayLaw, factor: float) -> StayLaw:
    """Return the law where every night's chance of leaving is scaled by a factor (> 0): S to that power."""
    return StayLaw(np.r_[1.0, np.power(law.survival[1:], factor)])


def spread_by_departures(law: StayLaw, departures: int, count: int) -> tuple[StayLaw, ...]:
    """Return `count` equally likely laws around an estimate from so many departures (≥ 1).

    All nightly chances of leaving together are known to one part in √departures (the standard error of the
    logarithm of a hazard): the laws scale them by the middle of each of `count` parts of that normal law.
    """
    from scipy.special import ndtri

    middles = ndtri((np.arange(count) + 0.5) / count)
    return tuple(hazards_scaled(law, float(np.exp(z / np.sqrt(departures)))) for z in middles)


def until_decision(
    median_nights: float, sigma: float, *, floor_nights: int, positive: float, move_on: tuple[int, int]
) -> StayLaw:
    """Return the law of a stay until the conclusive decision and the move-on that follows it.

    max(decision, floor) + move-on, with a log-normal decision, and the first of `move_on` nights after a
    positive one (a share `positive`), the second after a negative one. The floor is the entitlement: nobody's
    recovery period is shorter for an early decision.
    """
    decision = StayLaw.log_normal(median_nights, sigma).at_least(floor_nights)
    after = [decision.followed_by(nights) for nights in move_on]
    return StayLaw.mixture(after, (positive, 1.0 - positive))


def entitled_to(law: StayLaw, *, now: int, then: int) -> StayLaw:
    """Return the law of stays on record had the entitlement been `then` nights in place of `now`.

    Whoever stayed for the whole entitlement stays for the whole of a longer one; whoever left before would
    have left all the same. A shorter entitlement shortens nobody's stay: it is a floor, not the length.

    Examples
    --------
    >>> law = StayLaw(np.array([1.0, 0.5, 0.5, 0.0]))
    >>> entitled_to(law, now=2, then=4).survival.tolist()
    [1.0, 0.5, 0.5, 0.5, 0.0]
    """
    if then <= now or now > law.longest:
        return law
    s = np.zeros(max(len(law.survival), then + 1))
    s[: len(law.survival)] = law.survival
    s[now:then] = s[now - 1]
    return StayLaw(s)


def _hazard(records: StayRecords, after: int, until: int) -> float:
    """Return the departures a night watched, over the nights `after` + 1 … `until` of stays."""
    low = np.maximum(records.watched_after, after)
    watched = np.maximum(np.minimum(records.nights, until) - low, 0).sum()
    left = records.ended & (records.nights > low) & (records.nights <= until)
    return float(min(max(left.sum(), LEAST_DEPARTURES) / max(watched, 1), 1.0))
