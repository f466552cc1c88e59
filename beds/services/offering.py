"""Several units for her to choose one of: good ones that differ from each other, each for a stated reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from beds.domain.estate import Estate
from beds.domain.terms import SiteRef, UnitRef
from beds.services.options import OptionJson

FITS_BEST: Final = "fewest_points"
BETTER: Final[Mapping[str, str]] = {
    "interim": "whole_stay",
    "language": "shared_language",
    "region": "preferred_region",
}
"""What an offer is the better for, where the first one has this mismatch and it has not."""


class OfferJson(OptionJson):
    """A unit to be offered, and what it is there for: how it is unlike the offers before it.

    `reasons` are of `fewest_points` (the first), `whole_stay`, `shared_language`, `preferred_region` (the
    first has that mismatch, this one has not), `another_region`, `another_provider`, `another_site`, and
    `other_sharing` (a unit of her own where all before it are shared, or the other way round).
    """

    reasons: list[str]


def a_choice(best_first: Sequence[OptionJson], estate: Estate, k: int, same_again: int) -> list[OfferJson]:
    """Return up to `k` offers, one a site, the one with the fewest points first.

    Each of the others is the one with the fewest points once a region that is among the offers already, and
    a provider that is, have been counted with `same_again` points each.
    """
    left: dict[str, OptionJson] = {}
    for option in best_first:
        left.setdefault(option["site_id"], option)
    chosen: list[OfferJson] = []
    while left and len(chosen) < k:
        regions, providers = _regions(chosen, estate), _providers(chosen, estate)
        # Equal ones come in the order of their points, then of their references; `min` takes the first.
        site_id = min(
            left,
            key=lambda ref: (
                left[ref]["points"]
                + same_again * (estate.site_by_id[SiteRef(ref)].region in regions)
                + same_again * (estate.site_by_id[SiteRef(ref)].provider_id in providers)
            ),
        )
        option = left.pop(site_id)
        chosen.append({**option, "reasons": _reasons(option, chosen, estate)})
    return chosen


def _regions(offers: Sequence[OptionJson], estate: Estate) -> set[str]:
    return {estate.site_by_id[SiteRef(offer["site_id"])].region for offer in offers}


def _providers(offers: Sequence[OptionJson], estate: Estate) -> set[str]:
    return {estate.site_by_id[SiteRef(offer["site_id"])].provider_id for offer in offers}


def _reasons(option: OptionJson, before: Sequence[OptionJson], estate: Estate) -> list[str]:
    """Return how an offer is unlike those before it."""
    if not before:
        return [FITS_BEST]
    site = estate.site_by_id[SiteRef(option["site_id"])]
    sharing = {estate.unit_by_id[UnitRef(offer["unit_id"])].sharing for offer in before}
    reasons = [
        reason
        for kind, reason in BETTER.items()
        if kind in before[0]["mismatch"] and kind not in option["mismatch"]
    ]
    if site.region not in _regions(before, estate):
        reasons.append("another_region")
    if site.provider_id not in _providers(before, estate):
        reasons.append("another_provider")
    if estate.unit_by_id[UnitRef(option["unit_id"])].sharing not in sharing:
        reasons.append("other_sharing")
    return reasons or ["another_site"]
