"""What is on record between households, and between a household and a site: keep-apart, declines, returns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from beds.domain.accommodation import Site
from beds.domain.referral import Decline, KeepApart
from beds.domain.terms import DeclinedBy, PersonRef, ReferralRef, ReferralStatus
from beds.synthesis.awkward import long_enough
from beds.synthesis.draws import Draws
from beds.synthesis.scene import Household, Scene
from beds.synthesis.waiting import survivor_of

DECLINE_STANDS = (None, 30, -5)
"""Days from today until which a decline stands: for good, for a month, lapsed."""


@dataclass(frozen=True, slots=True)
class History:
    """Keep-apart pairs, declines, and the earlier referrals that some of them were recorded on."""

    waiting: list[Household]
    earlier: list[Household]
    keep_apart: list[KeepApart]
    declines: list[Decline]


def draw_history(
    waiting: Sequence[Household],
    residents: Sequence[Household],
    sites: Sequence[Site],
    next_referral: ReferralRef,
    streams: tuple[Scene, Draws],
) -> History:
    """Return what is on record of the households that wait.

    On a list long enough for every awkward case: pairs kept apart among those who wait and with people who
    live somewhere; declines by survivor and by provider, for good, for a time and lapsed; and a survivor who
    comes back, whose keep-apart pair and decline are on an earlier referral that is closed.
    """
    scene, draws = streams
    living = [home for home in residents if home.referral.status is ReferralStatus.PLACED]
    waiting, earlier = _with_return(waiting, next_referral, streams)
    complete = long_enough(waiting)
    pairs = int(len(waiting) * scene.shares.value("keep_apart") + 0.5)
    keep_apart = _pairs(waiting, living, max(pairs, 4) if complete else pairs, draws)
    declines = _declines(waiting, sites, complete, streams)
    for old in earlier:
        keep_apart.append(_old_pair(old, living or waiting, draws))
        declines.append(_old_decline(old, sites, draws))
    return History(waiting, earlier, keep_apart, declines)


def _old_pair(old: Household, others: Sequence[Household], draws: Draws) -> KeepApart:
    """Whom the survivor was kept apart from when she was referred before: never herself."""
    strangers = [home for home in others if home.referral.survivor_ref != old.referral.survivor_ref]
    return KeepApart(old.referral.referral_id, draws.pick(strangers).referral.referral_id)


def _old_decline(old: Household, sites: Sequence[Site], draws: Draws) -> Decline:
    """A site that she declined for good when she was referred before."""
    return Decline(
        referral_id=old.referral.referral_id,
        site_id=draws.pick(_sites_near(old, sites)).site_id,
        declined_by=DeclinedBy.SURVIVOR,
        declined_on=old.referral.needed_from,
        reason="too_near_perpetrator",
    )


def _with_return(
    waiting: Sequence[Household], next_referral: ReferralRef, streams: tuple[Scene, Draws]
) -> tuple[list[Household], list[Household]]:
    """The list with one survivor who was referred before, and that earlier referral."""
    _, draws = streams
    if not long_enough(waiting):
        return list(waiting), []
    place = draws.integer(0, len(waiting) - 1)
    back = waiting[place]
    survivor_ref = survivor_of(back.referral.referral_id)
    again = Household(replace(back.referral, survivor_ref=survivor_ref), back.people)
    before = timedelta(days=draws.integer(150, 400))
    referral = replace(
        again.referral,
        referral_id=next_referral,
        received_at=back.referral.received_at - before,
        needed_from=(back.referral.received_at - before).date(),
        status=ReferralStatus.CLOSED,
        excluded_areas=frozenset(),
    )
    lead = replace(
        back.people[0],
        person_id=PersonRef(f"{next_referral}-P1"),
        referral_id=next_referral,
        due_on=None,
    )
    return [*waiting[:place], again, *waiting[place + 1 :]], [Household(referral, (lead,))]


def _pairs(
    waiting: Sequence[Household], living: Sequence[Household], count: int, draws: Draws
) -> list[KeepApart]:
    """Different pairs: by turns of two who wait, and of one who waits and one who lives somewhere."""
    pairs: dict[tuple[ReferralRef, ReferralRef], KeepApart] = {}
    for number in range(count):
        if number % 2 and living:
            one, other = draws.pick(waiting), draws.pick(living)
        elif len(waiting) > 1:
            one, other = draws.sample(waiting, 2)
        else:
            continue
        first, second = sorted((one.referral.referral_id, other.referral.referral_id))
        pairs[first, second] = KeepApart(first, second)
    return list(pairs.values())


def _declines(
    waiting: Sequence[Household], sites: Sequence[Site], complete: bool, streams: tuple[Scene, Draws]
) -> list[Decline]:
    """Declines of sites in the household's own nation where there are any; both kinds, by turns how long."""
    scene, draws = streams
    count = int(len(waiting) * scene.shares.value("declined") + 0.5)
    kinds = [(by, days) for days in DECLINE_STANDS for by in DeclinedBy]
    chosen = draws.sample(waiting, max(count, len(kinds)) if complete else count)
    declines = []
    for number, household in enumerate(chosen):
        declined_by, days = kinds[number % len(kinds)]
        received_on = household.referral.received_at.date()
        since = draws.integer(0, max((scene.today - received_on).days, 0))
        declines.append(
            Decline(
                referral_id=household.referral.referral_id,
                site_id=draws.pick(_sites_near(household, sites)).site_id,
                declined_by=declined_by,
                declined_on=scene.today - timedelta(days=since),
                reason=scene.shares.draw(f"decline_reason:{declined_by}", draws),
                until=None if days is None else scene.today + timedelta(days=days),
            )
        )
    return declines


def _sites_near(household: Household, sites: Sequence[Site]) -> Sequence[Site]:
    return [site for site in sites if site.nation is household.referral.nation] or sites
