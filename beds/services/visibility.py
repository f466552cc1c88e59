"""Which cases and sites an actor may see. What may not be seen does not exist: it is not found.

A case belongs to its referral's nation. A restricted case is open to named people only. A provider sees its
own sites. Every service that takes a reference from outside asks here first.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Row, false, or_, select, true
from sqlmodel import Session

from beds.domain.records import METADATA
from beds.errors import NotFound
from beds.roles import Actor, Permission, require

REFERRAL, ACCESS, SITE = (METADATA.tables[name] for name in ("referral", "case_access", "site"))
UNIT = METADATA.tables["unit"]


def cases_of(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `referral` that says which cases the actor may see."""
    if not actor.may(Permission.SEE_CASES):
        return false()
    named = select(ACCESS.c.referral_id).where(ACCESS.c.user_id == actor.user_id)
    open_to_all = true() if actor.sees_restricted else REFERRAL.c.restricted.is_(False)
    return REFERRAL.c.nation.in_(sorted(actor.nations)) & or_(open_to_all, REFERRAL.c.referral_id.in_(named))


def sites_of(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `site` that says which sites the actor may see."""
    if not actor.may(Permission.SEE_SITES):
        return false()
    return true() if actor.provider_id is None else SITE.c.provider_id == actor.provider_id


def require_case(session: Session, actor: Actor, referral_id: str) -> Row[Any]:
    """Return the row of a referral that the actor may see.

    Raises
    ------
    NotPermitted
        The actor sees no cases at all.
    NotFound
        There is no such referral for this actor.
    """
    require(actor, Permission.SEE_CASES)
    row = session.execute(
        select(REFERRAL).where(REFERRAL.c.referral_id == referral_id, cases_of(actor))
    ).one_or_none()
    if row is None:
        raise NotFound("there is no such referral")
    return row


def require_site(session: Session, actor: Actor, site_id: str) -> Row[Any]:
    """Return the row of a site that the actor may see.

    Raises
    ------
    NotPermitted
        The actor sees no sites at all.
    NotFound
        There is no such site for this actor.
    """
    require(actor, Permission.SEE_SITES)
    row = session.execute(select(SITE).where(SITE.c.site_id == site_id, sites_of(actor))).one_or_none()
    if row is None:
        raise NotFound("there is no such site")
    return row


def require_unit(session: Session, actor: Actor, unit_id: str) -> Row[Any]:
    """Return the row of a unit in a site that the actor may see.

    Raises
    ------
    NotPermitted
        The actor sees no sites at all.
    NotFound
        There is no such unit for this actor.
    """
    require(actor, Permission.SEE_SITES)
    row = session.execute(
        select(UNIT).join(SITE).where(UNIT.c.unit_id == unit_id, sites_of(actor))
    ).one_or_none()
    if row is None:
        raise NotFound("there is no such unit")
    return row
