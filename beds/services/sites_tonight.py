"""The sites one by one as they are tonight: beds by state, and how many nights were void lately.

A list to choose a house from. What a bed is follows `beds.domain.measures`; which sites an actor may see,
`beds.services.visibility`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import ColumnElement, select
from sqlmodel import Session

from beds.domain.clock import Clock
from beds.domain.measures import ONE_NIGHT, BedHistory, BedNights, bed_nights
from beds.errors import BadInput
from beds.roles import Actor, Permission, require
from beds.services.pages import MOST_ROWS
from beds.services.policy import Policy
from beds.services.sites import SiteLine, is_stale, site_line
from beds.services.visibility import sites_of
from beds.store.histories import load_histories
from beds.store.loading import SITE

LATELY: Final = timedelta(days=28)
NOTHING: Final = BedNights()


@dataclass(frozen=True, slots=True)
class SitesWanted:
    """Which sites to list; what is left out matches all."""

    nation: str | None = None
    region: str | None = None
    vacant: bool = False
    phone_first: bool = False


ALL_SITES: Final = SitesWanted()


@dataclass(frozen=True, slots=True)
class SiteTonight:
    """A site, its beds in stock by state tonight, and its bed-nights in the 28 nights before tonight."""

    line: SiteLine
    tonight: BedNights
    lately: BedNights


@dataclass(frozen=True, slots=True)
class SitesTonight:
    """Some of the sites that were asked for, how many there are, and the beds of all of them tonight."""

    sites: tuple[SiteTonight, ...]
    in_all: int
    phone_first: int
    tonight: BedNights


def sites_tonight(  # noqa: PLR0913 which of them, and some at a time
    session: Session,
    actor: Actor,
    wanted: SitesWanted = ALL_SITES,
    *,
    clock: Clock,
    policy: Policy,
    skip: int = 0,
    limit: int = 20,
) -> SitesTonight:
    """Return the sites that the actor may see, in the order of references, with their beds tonight.

    Parameters
    ----------
    skip, limit : how many to leave out, and how many to show after those

    Raises
    ------
    NotPermitted
        The actor sees no sites.
    BadInput
        `skip` or `limit` is not accepted.
    """
    require(actor, Permission.SEE_SITES)
    if not 1 <= limit <= MOST_ROWS:
        raise BadInput(f"limit: 1 to {MOST_ROWS} are accepted")
    if skip < 0:
        raise BadInput("skip: 0 or more is accepted")
    where = sites_of(actor)
    for name in ("nation", "region"):
        stated = getattr(wanted, name)
        if stated is not None:
            where &= SITE.c[name] == stated
    tonight = clock.today
    histories = _by_site(session, where, clock)
    counts = {site: bed_nights(beds, tonight, tonight + ONE_NIGHT) for site, beds in histories.items()}
    # A name is decrypted for the few that are shown, not for all that are counted.
    columns = (SITE.c.site_id, SITE.c.availability_confirmed_at)
    stale = {
        row.site_id: is_stale(row.availability_confirmed_at, clock, policy)
        for row in session.execute(select(*columns).where(where).order_by(SITE.c.site_id))
    }
    found = [
        site
        for site in stale
        if (not wanted.vacant or counts.get(site, NOTHING).vacant) and (not wanted.phone_first or stale[site])
    ]
    return SitesTonight(
        sites=_lines(session, found[skip : skip + limit], counts, clock, policy),
        in_all=len(found),
        phone_first=sum(stale[site] for site in found),
        tonight=sum((counts.get(site, NOTHING) for site in found), NOTHING),
    )


def site_names(session: Session, actor: Actor) -> dict[str, str]:
    """Return the names of the sites that the actor may see by reference, in its order; empty where none is.

    Raises
    ------
    NotPermitted
        The actor sees no sites.
    """
    require(actor, Permission.SEE_SITES)
    columns = (SITE.c.site_id, SITE.c.name)
    rows = session.execute(select(*columns).where(sites_of(actor)).order_by(SITE.c.site_id))
    return {row.site_id: row.name for row in rows}


def _by_site(session: Session, where: ColumnElement[bool], clock: Clock) -> dict[str, list[BedHistory]]:
    found: dict[str, list[BedHistory]] = defaultdict(list)
    for bed in load_histories(session, clock.today, clock.today + ONE_NIGHT, clock=clock, where=where):
        found[bed.site_id].append(bed.history)
    return found


def _lines(
    session: Session, shown: Iterable[str], counts: dict[str, BedNights], clock: Clock, policy: Policy
) -> tuple[SiteTonight, ...]:
    here = SITE.c.site_id.in_(list(shown))
    before = clock.today - LATELY
    lately: dict[str, list[BedHistory]] = defaultdict(list)
    for bed in load_histories(session, before, clock.today, clock=clock, where=here):
        lately[bed.site_id].append(bed.history)
    return tuple(
        SiteTonight(
            site_line(row, clock, policy),
            counts.get(row.site_id, NOTHING),
            bed_nights(lately[row.site_id], before, clock.today),
        )
        for row in session.execute(select(SITE).where(here).order_by(SITE.c.site_id))
    )
