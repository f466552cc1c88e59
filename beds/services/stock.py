"""Stock that is stated anew: a site, a unit or a bed as it now is. Nobody who is there is wronged by it.

Whom a house takes is a decision: it is not changed while somebody who is there, or is to come, needs it as it
is. What a house offers is a fact: it is recorded, and how many households it no longer suits is said. The
version is the site's, for its units and beds too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import reduce
from operator import or_
from typing import Final

from pydantic import JsonValue
from sqlalchemy import select
from sqlmodel import Session

from beds.audit import record
from beds.domain.accommodation import ADULT_AGE, Site
from beds.domain.clock import Clock
from beds.domain.eligibility import BIT
from beds.domain.estate import Estate
from beds.domain.referral import Referral
from beds.domain.terms import ReferralRef, SiteRef, UnitRef
from beds.errors import BadInput, NotAllowedNow, NotFound
from beds.roles import Actor, Permission, require
from beds.services.cases import require_version
from beds.services.claims import lock_sites
from beds.services.freezing import Ground, judge
from beds.services.households import checked_all
from beds.services.policy import Policy
from beds.services.sites import check_site
from beds.services.steps import change
from beds.services.visibility import require_site, require_unit
from beds.store.histories import load_histories
from beds.store.loading import BED, HOLD, HOLD_BED, PLACEMENT, PLACEMENT_BED, SITE, UNIT
from beds.store.situation import load_situation

FIXED: Final = ("site_id", "provider_id", "nation")
"""A house in other hands, or over the border, is another site."""
CHANGEABLE: Final = tuple(column.name for column in fields(Site) if column.name not in FIXED)
WHOM_IT_TAKES: Final = sum(BIT[code] for code in ("gender", "children", "house_mix", "sharing"))
WHAT_IT_OFFERS: Final = sum(
    BIT[code] for code in ("security", "services", "step_free", "language", "excluded_area")
)
NEEDED_AS_IT_IS: Final = (
    "cannot be changed so while somebody who is there, or is to come, needs it as it is: find them another "
    "place first"
)

Alter = Callable[[Estate], Estate]


@dataclass(frozen=True, slots=True)
class StockChange:
    """A site after a change; `no_longer_suited` counts households there to whom it now lacks something."""

    site_id: str
    version: int
    no_longer_suited: int = 0


@dataclass(frozen=True, slots=True)
class WordsInUse:
    """The words of the open vocabularies that some site has: so that one is chosen, and not spelled anew."""

    languages: tuple[str, ...]
    services: tuple[str, ...]


def words_in_use(session: Session, actor: Actor) -> WordsInUse:
    """Return the languages and services that any site is on record with.

    Raises
    ------
    NotPermitted
        The actor may not manage the stock.
    """
    require(actor, Permission.MANAGE_STOCK)
    rows = session.execute(select(SITE.c.staff_languages, SITE.c.services).distinct()).all()
    return WordsInUse(
        languages=tuple(sorted(frozenset().union(*(row.staff_languages for row in rows)))),
        services=tuple(sorted(frozenset().union(*(row.services for row in rows)))),
    )


def change_site(  # noqa: PLR0913 who, which site as seen, what of it
    session: Session,
    actor: Actor,
    site_id: str,
    changes: Mapping[str, object],
    *,
    version: int,
    clock: Clock,
    policy: Policy,
) -> StockChange:
    """State some facts of a site anew, by field of `sites.csv`; what is as it was changes nothing.

    Raises
    ------
    NotPermitted, NotFound
        The actor may not manage the stock, or there is no such site for this actor.
    BadInput
        A field cannot be changed, or a value is not accepted.
    ChangedMeanwhile
        Somebody else has changed the site.
    NotAllowedNow
        Somebody who is there, or is to come, needs it as it is.
    """
    require(actor, Permission.MANAGE_STOCK)
    lock_sites(session, site_id)
    row = require_site(session, actor, site_id)
    require_version(row, version)
    if not changes.keys() <= set(CHANGEABLE):
        raise BadInput(f"changes: {', '.join(CHANGEABLE)} can be changed")
    stated = checked_all("sites", changes)
    values = {name: value for name, value in stated.items() if value != getattr(row, name)}
    check_site({"nation": row.nation, **{name: getattr(row, name) for name in CHANGEABLE}, **values})
    if not values:
        return StockChange(site_id, version)

    def altered(estate: Estate) -> Estate:
        return estate.with_rows(
            sites=[replace(site, **values) if site.site_id == site_id else site for site in estate.sites]
        )

    lacking = _no_longer_suited(session, site_id, altered, sorted(values), clock, policy)
    change(session, SITE, site_id, version, **values)
    detail: dict[str, JsonValue] = {"fields": [*sorted(values)], "no_longer_suited": lacking}
    record(session, actor.user_id, "site_changed", site_id, detail, at=clock.as_at, site_id=site_id)
    return StockChange(site_id, version + 1, lacking)


def change_unit(  # noqa: PLR0913 who, which unit of a site as seen, what of it
    session: Session,
    actor: Actor,
    unit_id: str,
    *,
    version: int,
    sharing: str,
    step_free: bool,
    clock: Clock,
    policy: Policy,
) -> StockChange:
    """State anew whether a unit is shared and step-free; `version` is its site's.

    Raises
    ------
    NotPermitted, NotFound, BadInput, ChangedMeanwhile, NotAllowedNow
        As for `change_site`.
    """
    require(actor, Permission.MANAGE_STOCK)
    unit = require_unit(session, actor, unit_id)
    lock_sites(session, unit.site_id)
    require_version(require_site(session, actor, unit.site_id), version)
    stated = checked_all("units", {"sharing": sharing, "step_free": step_free})
    values = {name: value for name, value in stated.items() if value != getattr(unit, name)}
    if not values:
        return StockChange(unit.site_id, version)

    def altered(estate: Estate) -> Estate:
        return estate.with_rows(
            units=[replace(one, **values) if one.unit_id == unit_id else one for one in estate.units]
        )

    lacking = _no_longer_suited(session, unit.site_id, altered, sorted(values), clock, policy)
    session.execute(UNIT.update().where(UNIT.c.unit_id == unit_id).values(**values))
    change(session, SITE, unit.site_id, version)
    detail: dict[str, JsonValue] = {"fields": [*sorted(values)], "no_longer_suited": lacking}
    record(session, actor.user_id, "unit_changed", unit_id, detail, at=clock.as_at, site_id=unit.site_id)
    return StockChange(unit.site_id, version + 1, lacking)


def change_bed(
    session: Session, actor: Actor, bed_id: str, *, version: int, kind: str, clock: Clock
) -> StockChange:
    """State anew whether a bed is a single or a cot; `version` is its site's.

    Raises
    ------
    NotPermitted, NotFound, BadInput, ChangedMeanwhile
        As for `change_site`; there is no such bed for this actor.
    NotAllowedNow
        Somebody is in the bed, or it is held, tonight or later.
    """
    require(actor, Permission.MANAGE_STOCK)
    bed = session.execute(select(BED).where(BED.c.bed_id == bed_id)).one_or_none()
    if bed is None:
        raise NotFound("there is no such bed")
    site_id = require_unit(session, actor, bed.unit_id).site_id
    lock_sites(session, site_id)
    require_version(require_site(session, actor, site_id), version)
    stated = checked_all("beds", {"kind": kind})
    if stated["kind"] == bed.kind:
        return StockChange(site_id, version)
    (located,) = load_histories(session, clock.today, date.max, clock=clock, where=BED.c.bed_id == bed_id)
    if located.history.occupied or located.history.held:
        raise NotAllowedNow("kind: cannot be changed while somebody is in the bed, is to come, or it is held")
    values = {**stated, "version": BED.c.version + 1}
    session.execute(BED.update().where(BED.c.bed_id == bed_id).values(**values))
    change(session, SITE, site_id, version)
    record(session, actor.user_id, "bed_changed", bed_id, {}, at=clock.as_at, site_id=site_id)
    return StockChange(site_id, version + 1)


def _no_longer_suited(
    session: Session, site_id: str, altered: Alter, names: list[str], clock: Clock, policy: Policy
) -> int:
    """Return how many households there lack something after a change, if nobody is wronged by it.

    Raises
    ------
    NotAllowedNow
        A rule about whom the house takes would be broken by somebody who is there, or is to come.
    """
    anybody = _somebody_there(session, site_id, clock)
    if anybody is None:
        return 0
    there = load_situation(session, anybody, site_id, today=clock.today)
    lacking = 0
    for referral, units in _households_in(there, site_id, clock):
        newly = 0
        for variant in _whatever_their_ages(_without(there, referral.referral_id), referral):
            before = _broken(variant, referral, units, clock, policy)
            after = _broken(altered(variant), referral, units, clock, policy)
            newly |= reduce(or_, (now & ~then for then, now in zip(before, after, strict=True)), 0)
        if newly & WHOM_IT_TAKES:
            raise NotAllowedNow(f"{', '.join(names)}: {NEEDED_AS_IT_IS}")
        lacking += bool(newly & WHAT_IT_OFFERS)
    return lacking


def _somebody_there(session: Session, site_id: str, clock: Clock) -> str | None:
    """Return a household that is in the site, or may be: from it, everybody there is found."""
    beds = select(BED.c.bed_id).join(UNIT).where(UNIT.c.site_id == site_id)
    for header, of_beds, current in (
        (PLACEMENT, PLACEMENT_BED, PLACEMENT_BED.c.ended_on.is_(None)),
        (HOLD, HOLD_BED, HOLD_BED.c.expires_at > clock.as_at),
    ):
        found = session.scalar(
            select(header.c.referral_id).join(of_beds).where(of_beds.c.bed_id.in_(beds), current).limit(1)
        )
        if found is not None:
            return str(found)
    return None


def _households_in(
    estate: Estate, site_id: str, clock: Clock
) -> Iterator[tuple[Referral, frozenset[UnitRef]]]:
    """Yield each household with a stay or a hold in the site from tonight, for as long as is left of it."""
    stands = Ground.of(estate, clock).standing
    here = {unit.unit_id for unit in estate.units if unit.site_id == SiteRef(site_id)}
    for reference, stays in stands.stays_of.items():
        units = frozenset(estate.bed_by_id[stay.bed_id].unit_id for stay in stays) & here
        if units and estate.people_of.get(reference):
            left = max(1, *(stay.ends for stay in stays))
            yield replace(estate.referral_by_id[reference], expected_stay_days=left), units


def _without(estate: Estate, referral_id: ReferralRef) -> Estate:
    return estate.with_rows(
        holds=[hold for hold in estate.holds if hold.referral_id != referral_id],
        placements=[stay for stay in estate.placements if stay.referral_id != referral_id],
    )


def _whatever_their_ages(estate: Estate, referral: Referral) -> Iterator[Estate]:
    """Yield the estate with every age known: one that was not asked may be a child's or an adult's."""
    people = estate.people_of[referral.referral_id]
    if all(person.age is not None for person in people):
        yield estate
        return
    for age in (ADULT_AGE - 1, ADULT_AGE):
        yield estate.with_rows(
            people=[
                replace(person, age=age) if person in people and person.age is None else person
                for person in estate.people
            ]
        )


def _broken(
    estate: Estate, referral: Referral, units: frozenset[UnitRef], clock: Clock, policy: Policy
) -> list[int]:
    """Return the rules that a household breaks in each of its units, as bits."""
    verdicts = judge(Ground.of(estate, clock), [referral], policy.periods)
    refs = verdicts.pairing.units.refs
    return [int(bits) for unit, bits in zip(refs, verdicts.broken[0], strict=True) if unit in units]
