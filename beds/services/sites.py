"""Sites: what there is in them, what each bed is in tonight, how fresh that is, and where they are.

The address is apart from everything else: its own permission, and each reading of it is kept first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, select
from sqlmodel import Session

from beds.audit import record
from beds.domain.accommodation import DEFAULT_MAX_CHILD_AGE, Site
from beds.domain.clock import Clock
from beds.domain.measures import ONE_NIGHT, BedState, state_on
from beds.domain.records import METADATA
from beds.domain.terms import BedKind, Nation, Sharing, SiteType
from beds.errors import BadInput, NotFound
from beds.importing.forms import NAME
from beds.roles import Actor, Permission, require
from beds.services.cases import require_version
from beds.services.households import checked_all
from beds.services.pages import Page, page_of
from beds.services.policy import Policy
from beds.services.reading import ReadLog
from beds.services.steps import change, new_id
from beds.services.visibility import require_site, require_unit, sites_of
from beds.store.histories import load_histories

_TABLES = METADATA.tables
SITE, UNIT, BED, ADDRESS, PROVIDER = (
    _TABLES[name] for name in ("site", "unit", "bed", "site_address", "provider")
)

MOST_ADDRESS_CHARACTERS = 1_000


@dataclass(frozen=True, slots=True)
class SiteLine:
    """A site in a list. `phone_first`: what is vacant there was not confirmed lately, or never."""

    site_id: str
    provider_id: str
    name: str
    nation: Nation
    region: str
    site_type: SiteType
    availability_confirmed_at: datetime | None
    phone_first: bool
    version: int


@dataclass(frozen=True, slots=True)
class BedView:
    """A bed and the one state that it is in tonight."""

    bed_id: str
    kind: BedKind
    state: BedState


@dataclass(frozen=True, slots=True)
class UnitView:
    """A unit and its beds."""

    unit_id: str
    sharing: Sharing
    step_free: bool
    beds: tuple[BedView, ...]


@dataclass(frozen=True, slots=True)
class SiteView:
    """A site with its units and beds; `facts` are what the rules turn on, by field. No address."""

    line: SiteLine
    facts: Mapping[str, object]
    units: tuple[UnitView, ...]


@dataclass(frozen=True, slots=True)
class NewSite:
    """A site to be added; checked by the forms of `sites.csv` (`allocation.md` §1)."""

    provider_id: str
    nation: str
    region: str
    site_type: str
    admits: frozenset[str]
    accepts_children: bool
    security_level: int
    name: str = ""
    local_authority: str = ""
    max_age_girls: int = DEFAULT_MAX_CHILD_AGE
    max_age_boys: int = DEFAULT_MAX_CHILD_AGE
    staff_languages: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()
    opens_on: date | None = None
    closes_on: date | None = None
    max_stay_nights: int | None = None
    cost_per_bed_night: Decimal | None = None


def list_sites(
    session: Session,
    actor: Actor,
    *,
    clock: Clock,
    policy: Policy,
    after: str | None = None,
    limit: int = 50,
) -> Page[SiteLine]:
    """Return the sites that the actor may see, in the order of references.

    Raises
    ------
    NotPermitted
        The actor sees no sites.
    """
    require(actor, Permission.SEE_SITES)
    found = select(SITE).where(sites_of(actor)).order_by(SITE.c.site_id).limit(limit + 1)
    if after is not None:
        found = found.where(SITE.c.site_id > after)
    lines = [site_line(row, clock, policy) for row in session.execute(found)]
    return page_of(lines, limit, lambda line: line.site_id)


def read_site(session: Session, actor: Actor, site_id: str, *, clock: Clock, policy: Policy) -> SiteView:
    """Return a site with its units, and every bed in exactly one state tonight.

    A bed of a site that is not open tonight is closed, unless somebody is in it or holds it.

    Raises
    ------
    NotPermitted
        The actor sees no sites.
    NotFound
        There is no such site for this actor.
    """
    row = require_site(session, actor, site_id)
    tonight = clock.today
    of_unit: dict[str, list[BedView]] = defaultdict(list)
    of_site = SITE.c.site_id == site_id
    for bed in load_histories(session, tonight, tonight + ONE_NIGHT, clock=clock, where=of_site):
        state = state_on(bed.history, tonight) or BedState.CLOSED
        of_unit[bed.unit_id].append(BedView(bed.bed_id, BedKind(bed.kind), state))
    units = session.execute(select(UNIT).where(UNIT.c.site_id == site_id).order_by(UNIT.c.unit_id))
    return SiteView(
        line=site_line(row, clock, policy),
        facts={name.name: getattr(row, name.name) for name in fields(Site)},
        units=tuple(
            UnitView(unit.unit_id, Sharing(unit.sharing), unit.step_free, tuple(of_unit[unit.unit_id]))
            for unit in units
        ),
    )


def confirm_availability(
    session: Session, actor: Actor, site_id: str, *, version: int, clock: Clock, policy: Policy
) -> SiteLine:
    """Return a site after somebody has said that what is shown of it is so, now.

    Raises
    ------
    NotPermitted
        The actor may not say so.
    NotFound
        There is no such site for this actor.
    ChangedMeanwhile
        Somebody else has changed it.
    """
    require(actor, Permission.CONFIRM_AVAILABILITY)
    require_version(require_site(session, actor, site_id), version)
    values = {"availability_confirmed_at": clock.as_at, "availability_confirmed_by": actor.user_id}
    change(session, SITE, site_id, version, **values)
    record(session, actor.user_id, "availability_confirmed", site_id, {}, at=clock.as_at, site_id=site_id)
    return site_line(require_site(session, actor, site_id), clock, policy)


def read_address(session: Session, actor: Actor, site_id: str, *, clock: Clock, log: ReadLog) -> str:
    """Return the address of a site; that it was read is kept before it is.

    Raises
    ------
    NotPermitted
        The actor may not read addresses.
    NotFound
        There is no such site for this actor, or its address is not recorded.
    """
    require(actor, Permission.READ_ADDRESSES)
    require_site(session, actor, site_id)
    log.address_read(actor.user_id, site_id, clock.as_at)
    address = session.execute(
        select(ADDRESS.c.address).where(ADDRESS.c.site_id == site_id)
    ).scalar_one_or_none()
    if address is None:
        raise NotFound("no address of this site is recorded")
    return str(address)


def set_address(session: Session, actor: Actor, site_id: str, address: str, *, clock: Clock) -> None:
    """Keep the address of a site, encrypted; that it was set is in the audit, what it is never.

    Raises
    ------
    NotPermitted
        The actor may not manage the stock.
    NotFound
        There is no such site for this actor.
    BadInput
        It is empty or too long.
    """
    require(actor, Permission.MANAGE_STOCK)
    require_site(session, actor, site_id)
    text = address.strip()
    if not text or len(text) > MOST_ADDRESS_CHARACTERS:
        raise BadInput(f"address: text of at most {MOST_ADDRESS_CHARACTERS:,} characters is accepted")
    session.execute(ADDRESS.delete().where(ADDRESS.c.site_id == site_id))
    session.execute(ADDRESS.insert().values(site_id=site_id, address=text))
    record(session, actor.user_id, "address_set", site_id, {}, at=clock.as_at, site_id=site_id)


def add_site(session: Session, actor: Actor, site: NewSite, *, clock: Clock, policy: Policy) -> SiteLine:
    """Return a new site; its provider is added if not yet known.

    Raises
    ------
    NotPermitted
        The actor may not manage the stock.
    BadInput
        A value is not accepted; the message names the field and what is.
    """
    require(actor, Permission.MANAGE_STOCK)
    values = checked_all("sites", {name.name: getattr(site, name.name) for name in fields(NewSite)})
    check_site(values)
    known = select(PROVIDER.c.provider_id).where(PROVIDER.c.provider_id == values["provider_id"])
    if session.execute(known).first() is None:
        session.execute(PROVIDER.insert().values(provider_id=values["provider_id"]))
    site_id = new_id("site")
    session.execute(SITE.insert().values(**values, site_id=site_id))
    record(session, actor.user_id, "site_added", site_id, {}, at=clock.as_at, site_id=site_id)
    return site_line(require_site(session, actor, site_id), clock, policy)


def add_unit(
    session: Session, actor: Actor, site_id: str, *, sharing: str, step_free: bool, clock: Clock
) -> UnitView:
    """Return a new unit of a site, without beds yet.

    Raises
    ------
    NotPermitted, NotFound, BadInput
        As for `add_site` and `require_site`.
    """
    require(actor, Permission.MANAGE_STOCK)
    require_site(session, actor, site_id)
    values = checked_all("units", {"sharing": sharing, "step_free": step_free})
    unit_id = new_id("unit")
    session.execute(UNIT.insert().values(**values, unit_id=unit_id, site_id=site_id))
    record(session, actor.user_id, "unit_added", unit_id, {}, at=clock.as_at, site_id=site_id)
    return UnitView(unit_id, values["sharing"], values["step_free"], ())


def add_bed(session: Session, actor: Actor, unit_id: str, *, kind: str, clock: Clock) -> BedView:
    """Return a new bed of a unit, vacant.

    Raises
    ------
    NotPermitted, NotFound, BadInput
        As for `add_site` and `require_unit`.
    """
    require(actor, Permission.MANAGE_STOCK)
    unit = require_unit(session, actor, unit_id)
    values = checked_all("beds", {"kind": kind})
    bed_id = new_id("bed")
    session.execute(BED.insert().values(**values, bed_id=bed_id, unit_id=unit_id))
    record(session, actor.user_id, "bed_added", bed_id, {}, at=clock.as_at, site_id=unit.site_id)
    return BedView(bed_id, values["kind"], BedState.VACANT)


def set_contact(session: Session, actor: Actor, provider_id: str, contact: str, *, clock: Clock) -> None:
    """Keep how a provider is reached at night, encrypted: who looks for a bed phones there first.

    Raises
    ------
    NotPermitted
        The actor may not manage the stock.
    NotFound
        There is no such provider.
    BadInput
        It is empty or too long.
    """
    require(actor, Permission.MANAGE_STOCK)
    try:
        text = NAME.parse(contact.strip())
    except (ValueError, IndexError):
        raise BadInput(f"contact: {NAME.accepted} is accepted") from None
    done = session.connection().execute(
        PROVIDER.update().where(PROVIDER.c.provider_id == provider_id).values(contact=text)
    )
    if not done.rowcount:
        raise NotFound("there is no such provider")
    record(session, actor.user_id, "provider_contact_set", provider_id, {}, at=clock.as_at)


def is_stale(confirmed_at: datetime | None, clock: Clock, policy: Policy) -> bool:
    """Return whether what is vacant in a site has to be asked about first."""
    return confirmed_at is None or clock.as_at - confirmed_at > policy.availability_stale_after


def site_line(row: Row[Any], clock: Clock, policy: Policy) -> SiteLine:
    return SiteLine(
        site_id=row.site_id,
        provider_id=row.provider_id,
        name=row.name,
        nation=Nation(row.nation),
        region=row.region,
        site_type=SiteType(row.site_type),
        availability_confirmed_at=row.availability_confirmed_at,
        phone_first=is_stale(row.availability_confirmed_at, clock, policy),
        version=row.version,
    )


def check_site(values: Mapping[str, Any]) -> None:
    if values["region"][0] != values["nation"][0]:
        raise BadInput("region: a region of the site's nation is accepted")
    if values["opens_on"] and values["closes_on"] and values["closes_on"] <= values["opens_on"]:
        raise BadInput("closes_on: a day after opens_on is accepted")
