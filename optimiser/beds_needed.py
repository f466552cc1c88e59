"""Beds needed night by night in a system with room for everybody: the closed form, exact and distributional.

Who is here leaves by what is left of the law of stays, who waits begins to stay at once, who comes is a
Poisson stream: the infinite-server queue with a rate that varies in time (Eick, Massey and Whitt 1993), on
whole nights, with households of several beds. No rule about who may live where is known here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from optimiser.stays import Floats, Ints, StayLaw

Complex = NDArray[np.complex128]

LEVELS: Final = (0.05, 0.10, 0.25, 0.30, 0.50, 0.70, 0.75, 0.90, 0.95)
"""The quantiles that are told."""
TAIL_SDS: Final = 8.0
TAIL_BEDS: Final = 9
"""A distribution is kept to so many standard deviations, and so many of the largest households, beyond what
is likely: what is left out is less than 1e-9."""
NEGLIGIBLE_EXPONENT: Final = 28.0
"""Frequencies at which the characteristic function is less than exp(-28) are taken as 0."""
AT_ONCE: Final = 128
"""So many households are multiplied at once: what stays in a processor's cache."""
NODES: Final = 50
"""Draws that are alike are put together into so many in all, each the mean of its draws: the mean is kept."""
DAILY_UNTIL, WEEKLY_UNTIL, POINTS_BEYOND = 2, 16, 12


@dataclass(frozen=True, slots=True)
class Counts:
    """The distribution of a whole number: `pmf[i]` is the probability of `first` + i."""

    first: int
    pmf: Floats

    @property
    def mean(self) -> float:
        """The mean."""
        return float(self.first + (np.arange(len(self.pmf)) * self.pmf).sum())

    def quantile(self, share: float) -> int:
        """Return the least n with P(N ≤ n) ≥ `share`; then P(N ≥ n) is at least 1 - `share`."""
        return self.first + int(np.searchsorted(np.cumsum(self.pmf), share - 1e-9))

    def excess(self, limit: Floats) -> Floats:
        """Return E[(N - limit)⁺] for each limit, of any shape."""
        values = self.first + np.arange(len(self.pmf), dtype=np.float64)
        above = np.r_[np.cumsum(self.pmf[::-1])[::-1], 0.0]
        weighted = np.r_[np.cumsum((self.pmf * values)[::-1])[::-1], 0.0]
        place = np.clip(np.floor(limit).astype(np.int64) + 1 - self.first, 0, len(self.pmf))
        return np.asarray(np.maximum(weighted[place] - limit * above[place], 0.0), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Present:
    """Households that are known at the census, under one law of stays.

    Attributes
    ----------
    beds : ndarray of int64, shape (households,)
        Beds of each.
    chance : ndarray, shape (households, nights)
        The probability that it needs its beds in each of some nights.
    """

    beds: Ints
    chance: Floats


@dataclass(frozen=True, slots=True)
class Future:
    """What may happen under one law of stays.

    Attributes
    ----------
    weight : float
        The probability of this law.
    present : Present
    coming : ndarray, shape (draws, nights)
        Expected households that came since the census and are there, for equally likely draws.
    """

    weight: float
    present: Present
    coming: Floats


def expected_coming(rates: Floats, law: StayLaw) -> Floats:
    """Return the expected number there of those who came: m(t) = Σ_u λ(u) S(t - u), u ≤ t.

    Parameters
    ----------
    rates : ndarray, shape (draws, days)
        Expected arrivals a day, ≥ 0; who comes on day u has that night as the first.

    Returns
    -------
    ndarray, shape (draws, days)

    Examples
    --------
    One a day who stays two nights: one there, and from then on two.

    >>> expected_coming(np.ones((1, 4)), StayLaw.exactly(2)).round(9).tolist()
    [[1.0, 2.0, 2.0, 2.0]]
    """
    days = rates.shape[1]
    size = 1 << (2 * days - 1).bit_length()
    survival = law.survival[:days]
    transformed = np.fft.rfft(rates, size, axis=1) * np.fft.rfft(survival, size)[None, :]
    return np.maximum(np.fft.irfft(transformed, size, axis=1)[:, :days], 0.0)


def chance_of_staying(nights_so_far: Ints, nights: Ints, law: StayLaw) -> Floats:
    """Return the probability that who is here tonight is here in so many nights: S(a + t) ÷ S(a).

    Parameters
    ----------
    nights_so_far : shape (households,)
        Nights before tonight, ≥ 0. Who has outstayed the longest stay of the law leaves tomorrow.
    nights : shape (n,)
        Nights from tonight, ≥ 0.
    """
    longest = law.longest
    survival = np.r_[law.survival, 0.0]
    start = survival[np.minimum(nights_so_far, longest)][:, None]
    later = survival[np.minimum(nights_so_far[:, None] + nights[None, :], longest)]
    stays = np.divide(later, start, out=np.zeros_like(later), where=start > 0)
    return np.where((start == 0) & (nights == 0)[None, :], 1.0, stays)


def chance_after_coming(comes_in: Ints, nights: Ints, law: StayLaw) -> Floats:
    """Return the probability that who begins to stay in `comes_in` nights (≥ 0) is there in `nights`."""
    since = nights[None, :] - comes_in[:, None]
    survival = np.r_[law.survival, 0.0]
    return np.where(since >= 0, survival[np.clip(since, 0, law.longest)], 0.0)


def nights_looked_at(days: int) -> Ints:
    """Return the nights 0 … `days` whose distribution is worked out: close together while much changes.

    Between them the mean is exact, and what is interpolated is how far the quantiles are from it.
    """
    near = np.r_[np.arange(DAILY_UNTIL), np.arange(DAILY_UNTIL, min(WEEKLY_UNTIL, days), 7)]
    far = np.geomspace(min(WEEKLY_UNTIL, days), days, POINTS_BEYOND)
    return np.unique(np.r_[near[near < days], np.rint(far), days].astype(np.int64))


def distributions(futures: Sequence[Future], size_shares: Floats) -> list[Counts]:
    """Return the distribution of beds needed in each night, over everything that is not known.

    The mixture over laws and draws of `distributions_by_law`.
    """
    weights = [future.weight for future in futures]
    return [mixture(night, weights) for night in distributions_by_law(futures, size_shares)]


def distributions_by_law(futures: Sequence[Future], size_shares: Floats) -> list[tuple[Counts, ...]]:
    """Return the distribution of beds needed in each night under each law of stays.

    Given a draw: a sum of independent households present, each with its beds or none, and a compound Poisson
    number of beds of those who came. Over the draws: their mixture. Each is found by inverting its
    characteristic function on a window about its mean that holds all but a negligible part.

    Parameters
    ----------
    futures : their weights sum to 1
    size_shares : ndarray, shape (most beds + 1,)
        The probability that a household that comes needs so many beds.
    """
    count = max(1, NODES // len(futures))
    grouped = [_grouped(future.coming, count) for future in futures]
    return [
        tuple(
            mixture(_given(f.present.beds, f.present.chance[:, night], means[:, night], size_shares), weights)
            for f, (means, weights) in zip(futures, grouped, strict=True)
        )
        for night in range(futures[0].coming.shape[1])
    ]


def mixture(parts: Sequence[Counts], weights: Sequence[float] | Floats) -> Counts:
    """Return the distribution of a number that is of each of some distributions with a probability."""
    first = min(counts.first for counts in parts)
    pmf = np.zeros(max(counts.first + len(counts.pmf) for counts in parts) - first)
    for weight, counts in zip(weights, parts, strict=True):
        start = counts.first - first
        pmf[start : start + len(counts.pmf)] += weight * counts.pmf
    return Counts(first, pmf / pmf.sum())


def _grouped(coming: Floats, count: int) -> tuple[Floats, Floats]:
    """Return means of draws that are alike in each night, and their weights."""
    parts = np.array_split(np.sort(coming, axis=0), min(count, len(coming)))
    means = np.stack([part.mean(axis=0) for part in parts])
    return means, np.array([len(part) for part in parts], dtype=np.float64) / len(coming)


def _given(beds: Ints, chance: Floats, means: Floats, size_shares: Floats) -> list[Counts]:
    """Return the distribution of the beds of one night for each mean number of households that came."""
    certain = int(beds[chance >= 1.0].sum())
    unsure = (chance > 0.0) & (chance < 1.0) & (beds > 0)
    beds, chance = beds[unsure], chance[unsure]
    sizes = np.arange(len(size_shares), dtype=np.float64)
    here, variance = float(beds @ chance), float(beds**2 @ (chance * (1.0 - chance)))
    centres = certain + here + means * float(size_shares @ sizes)
    largest = max(len(size_shares) - 1, int(beds.max(initial=0)))
    widest = (variance + float(means.max()) * float(size_shares @ sizes**2)) ** 0.5
    half = int(TAIL_SDS * widest) + TAIL_BEDS * largest
    firsts = np.maximum(np.floor(centres).astype(np.int64) - half, 0)
    width = 1 << (2 * half).bit_length()
    powers = _powers(width, largest)
    exponent = size_shares @ powers[: len(size_shares)] - 1.0
    fallen = _fallen(beds, chance, powers) - exponent.real * means.min()
    matters = np.flatnonzero(fallen < NEGLIGIBLE_EXPONENT)
    few = powers[:, matters]
    present = _present(beds, chance, few)
    turned = np.exp((2j * np.pi / width) * ((firsts - certain)[:, None] * matters[None, :] % width))
    cf = np.zeros((len(means), width // 2 + 1), dtype=np.complex128)
    cf[:, matters] = present * np.exp(means[:, None] * exponent[matters]) * turned
    pmf = np.maximum(np.fft.irfft(cf, width, axis=1), 0.0)
    return [Counts(int(first), row) for first, row in zip(firsts, pmf, strict=True)]


@lru_cache(maxsize=64)
def _powers(width: int, largest: int) -> Complex:
    """Return z^s for s = 0 … `largest` at the frequencies of a window, shape (largest + 1, width ÷ 2 + 1)."""
    places = np.outer(np.arange(largest + 1), np.arange(width // 2 + 1)) % width
    return np.asarray(np.exp(-2j * np.pi / width * places), dtype=np.complex128)


def _present(beds: Ints, chance: Floats, powers: Complex) -> Complex:
    """Return ∏ (1 - p + p z^beds) over those who may or may not need their beds, at each frequency."""
    product = np.ones(powers.shape[1], dtype=np.complex128)
    for size in np.unique(beds).tolist():
        turned, chances = powers[size] - 1.0, chance[beds == size]
        for start in range(0, len(chances), AT_ONCE):
            factors = np.multiply.outer(chances[start : start + AT_ONCE], turned)
            factors += 1.0
            product *= np.multiply.reduce(factors, axis=0)
    return product


def _fallen(beds: Ints, chance: Floats, powers: Complex) -> Floats:
    """Return at least how far the characteristic function of those present has fallen, as an exponent.

    |1 - p + p z|² = 1 - 2 p (1 - p) (1 - Re z) ≤ exp(-2 p (1 - p) (1 - Re z)).
    """
    variance = np.bincount(beds, weights=chance * (1.0 - chance), minlength=len(powers))
    return np.asarray(variance @ (1.0 - powers.real), dtype=np.float64)
