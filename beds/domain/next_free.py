"""From when a household could be taken at the earliest: "not before", never a promise (`allocation.md` §5).

Here, unlike in the round, somebody overdue is counted as staying. A unit that is not free can only become
free when something in its way ends, so the ends are the only dates to try.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from beds.domain.availability import UNLIMITED, Span, Standing, Stay
from beds.domain.eligibility import CLOSING_NOTICE_NIGHTS, Pairing
from beds.domain.estate import Estate
from beds.domain.households import Bools, Ints

OUTSIDE = -1
"""Start and end of a span that fills an array up and overlaps nothing."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """What is in the way in some units, from tomorrow on, with those overdue staying for good.

    `place` (U,) is where a unit stands in the other arrays, of which there are `V` rows.
    `bed_spans` (V, B, I, 2) are occupied or closed nights of each bed, `stay_spans` (V, J, 2) the stays of
    households in the unit with `stay_genders` and `stay_rows` (V, J), the household's row or -1;
    `ends` (V, C) the dates to try, `UNLIMITED` where there are fewer. `to_avoid` gives, for a household's
    row, the spans at each site of households that it must be kept apart from.
    """

    place: Ints
    bed_spans: Ints
    stay_spans: Ints
    stay_genders: Ints
    stay_rows: Ints
    ends: Ints
    to_avoid: dict[int, dict[int, list[Span]]]


def calendar(estate: Estate, p: Pairing, wanted: Bools) -> Calendar:
    """Return what is in the way of households from tomorrow on, in the units that are wanted (U,)."""
    stands, units = p.standing, np.flatnonzero(wanted)
    row_of = {ref: row for row, ref in enumerate(p.households.refs)}
    bed_spans = _spans_of_beds(stands, units)
    stays = [stands.stays_in_unit.get(unit, ()) for unit in units.tolist()]
    ends = [sorted({end for spans in beds for _, end in spans if 0 < end < UNLIMITED}) for beds in bed_spans]
    return Calendar(
        place=np.cumsum(wanted) - 1,
        bed_spans=_padded_bed_spans(bed_spans, p.units.is_single.shape[1]),
        stay_spans=_padded_spans([[_span(stay) for stay in row] for row in stays]),
        stay_genders=_padded_ints([[stands.genders_of[s.referral_id] for s in row] for row in stays], 0),
        stay_rows=_padded_ints([[row_of.get(s.referral_id, -1) for s in row] for row in stays], -1),
        ends=_padded_ints(ends, UNLIMITED),
        to_avoid=_spans_to_avoid(estate, p),
    )


@dataclass(frozen=True, slots=True)
class Attempt:
    """One household tried in `k` units at `c` dates each.

    `starts` and `ends` of the stays and the `births` due by their ends are (k, c).
    """

    row: int
    units: Ints
    site: Ints
    starts: Ints
    ends: Ints
    births: Ints


def first_free(p: Pairing, dates: Calendar, row: int, units: Ints) -> int | None:
    """Return in how many nights one of `units` could first take the household, or None if not in sight.

    Parameters
    ----------
    row : int
        The household's row.
    units : ndarray
        Units that are eligible for it and could ever hold it, none of them free tonight, all in `dates`.
    """
    attempt = _attempt(p, dates, row, units)
    notice = np.minimum(p.nights[row, attempt.site][:, None], CLOSING_NOTICE_NIGHTS)
    possible = attempt.starts < UNLIMITED
    possible &= p.sites.closes[attempt.site][:, None] >= attempt.starts + notice
    takes_babies = p.sites.accepts_children[attempt.site] & ~p.units.shared[units]
    possible &= (attempt.births == 0) | takes_babies[:, None]
    possible &= _has_beds(p, dates, attempt)
    possible &= _is_alone_or_alike(p, dates, attempt)
    possible &= ~_meets(dates, attempt)
    return int(attempt.starts[possible].min()) if possible.any() else None


def _attempt(p: Pairing, dates: Calendar, row: int, units: Ints) -> Attempt:
    site = p.units.site[units]
    starts = _dates_to_try(dates, row, units, site)
    ends = np.where(starts < UNLIMITED, starts + p.nights[row, site][:, None], UNLIMITED)
    births = (p.households.births[row][None, None, :] < ends[:, :, None]).sum(axis=2)
    return Attempt(row, units, site, starts, ends, births)


def _dates_to_try(dates: Calendar, row: int, units: Ints, site: Ints) -> Ints:
    starts = dates.ends[dates.place[units]]
    avoid = dates.to_avoid.get(row, {})
    departures = sorted({end for s in set(site.tolist()) for _, end in avoid.get(s, ()) if end < UNLIMITED})
    extra = np.broadcast_to(np.array(departures, dtype=np.int64), (len(units), len(departures)))
    return np.concatenate([starts, extra], axis=1)


def _overlap(spans: Ints, starts: Ints, ends: Ints) -> Bools:
    """Return whether spans (…, 2) overlap the half-open stays, by broadcasting."""
    return np.asarray((spans[..., 0] < ends) & (spans[..., 1] > starts), dtype=np.bool_)


def _has_beds(p: Pairing, dates: Calendar, a: Attempt) -> Bools:
    spans = dates.bed_spans[dates.place[a.units]][:, None]
    taken = _overlap(spans, a.starts[:, :, None, None], a.ends[:, :, None, None]).any(axis=3)
    singles = (~taken & p.units.is_single[a.units][:, None, :]).sum(axis=2)
    cots = (~taken & p.units.is_cot[a.units][:, None, :]).sum(axis=2)
    babies = p.households.under_twos[a.row] + a.births
    return np.asarray(p.households.singles[a.row] + np.maximum(babies - cots, 0) <= singles, dtype=np.bool_)


def _is_alone_or_alike(p: Pairing, dates: Calendar, a: Attempt) -> Bools:
    at = dates.place[a.units]
    there = _overlap(dates.stay_spans[at][:, None], a.starts[:, :, None], a.ends[:, :, None])
    another = dates.stay_rows[at] != a.row
    unlike = dates.stay_genders[at] != p.households.gender_bits[a.row]
    in_the_way = np.where(p.units.shared[a.units][:, None], unlike, another)
    return np.asarray(~(there & in_the_way[:, None, :]).any(axis=2), dtype=np.bool_)


def _meets(dates: Calendar, a: Attempt) -> Bools:
    meets = np.zeros(a.starts.shape, dtype=np.bool_)
    for place, spans in dates.to_avoid.get(a.row, {}).items():
        for start, end in spans:
            meets |= (a.site == place)[:, None] & (start < a.ends) & (end > a.starts)
    return meets


def _span(stay: Stay) -> Span:
    return stay.starts, UNLIMITED if stay.overdue else stay.ends


def _spans_of_beds(stands: Standing, units: Ints) -> list[list[list[Span]]]:
    spans: dict[str, list[Span]] = defaultdict(list)
    for unit in units.tolist():
        for stay in stands.stays_in_unit.get(unit, ()):
            spans[stay.bed_id].append(_span(stay))
    refs = [stands.units.bed_refs[unit] for unit in units.tolist()]
    return [[[*spans[bed], *stands.closed.get(bed, ())] for bed in beds] for beds in refs]


def _spans_to_avoid(estate: Estate, p: Pairing) -> dict[int, dict[int, list[Span]]]:
    avoid: dict[int, dict[int, list[Span]]] = {}
    stands = p.standing
    for row, survivor in enumerate(p.households.survivors):
        others = estate.kept_apart_from.get(survivor, frozenset())
        for referral, stays in stands.stays_of.items() if others else ():
            for stay in stays if estate.survivor_of[referral] in others else ():
                site = int(p.units.site[stands.bed_position[stay.bed_id][0]])
                avoid.setdefault(row, {}).setdefault(site, []).append(_span(stay))
    return avoid


def _padded_ints(rows: Sequence[Sequence[int]], fill: int) -> Ints:
    width = max((len(row) for row in rows), default=0)
    table = np.full((len(rows), width), fill, dtype=np.int64)
    for place, row in enumerate(rows):
        table[place, : len(row)] = row
    return table


def _padded_spans(rows: Sequence[Sequence[Span]]) -> Ints:
    width = max((len(row) for row in rows), default=0)
    table = np.full((len(rows), width, 2), OUTSIDE, dtype=np.int64)
    for place, row in enumerate(rows):
        for column, span in enumerate(row):
            table[place, column] = span
    return table


def _padded_bed_spans(rows: Sequence[Sequence[Sequence[Span]]], beds: int) -> Ints:
    flat = _padded_spans([spans for row in rows for spans in [*row, *[()] * (beds - len(row))]])
    return flat.reshape(len(rows), beds, flat.shape[1], 2)
