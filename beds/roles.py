"""Who may do what: permissions, the roles that carry them, and the actor of a request.

Code asks for a permission, never for a role; what a role carries is stated in `ROLE_PERMISSIONS` alone.
Which cases and which sites an actor may see follows from the actor's nations and provider, and is decided in
`beds.services.visibility`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from beds.domain.terms import Nation, Role
from beds.errors import NotPermitted

__all__ = ["OPERATOR", "ROLE_PERMISSIONS", "Actor", "Permission", "Role", "actor_of", "require"]


class Permission(StrEnum):
    """Something that an actor may be allowed to do."""

    SEE_CASES = "see_cases"
    RECORD_CASES = "record_cases"
    RESTRICT_CASES = "restrict_cases"
    CLAIM_BEDS = "claim_beds"
    OVERRIDE_PREFERENCES = "override_preferences"
    RUN_ROUNDS = "run_rounds"
    SEE_SITES = "see_sites"
    MANAGE_STOCK = "manage_stock"
    CONFIRM_AVAILABILITY = "confirm_availability"
    CLOSE_BEDS = "close_beds"
    READ_ADDRESSES = "read_addresses"
    SEE_STAYS = "see_stays"
    RECORD_STAYS = "record_stays"
    DECLINE_FOR_PROVIDER = "decline_for_provider"
    SEE_OCCUPANCY = "see_occupancy"
    SEE_SCENARIOS = "see_scenarios"
    SAVE_SCENARIOS = "save_scenarios"
    SEE_RELEASED = "see_released"
    READ_AUDIT = "read_audit"
    MANAGE_PEOPLE = "manage_people"
    MAINTAIN = "maintain"


ROLE_PERMISSIONS: Final = MappingProxyType(
    {
        Role.COORDINATOR: frozenset(
            {
                Permission.SEE_CASES,
                Permission.RECORD_CASES,
                Permission.RESTRICT_CASES,
                Permission.CLAIM_BEDS,
                Permission.OVERRIDE_PREFERENCES,
                Permission.RUN_ROUNDS,
                Permission.SEE_SITES,
                Permission.MANAGE_STOCK,
                Permission.CONFIRM_AVAILABILITY,
                Permission.CLOSE_BEDS,
                Permission.READ_ADDRESSES,
                Permission.SEE_STAYS,
                Permission.RECORD_STAYS,
                Permission.SEE_OCCUPANCY,
            }
        ),
        Role.PROVIDER: frozenset(
            {
                Permission.SEE_SITES,
                Permission.CONFIRM_AVAILABILITY,
                Permission.CLOSE_BEDS,
                Permission.READ_ADDRESSES,
                Permission.SEE_STAYS,
                Permission.RECORD_STAYS,
                Permission.DECLINE_FOR_PROVIDER,
            }
        ),
        Role.COMMISSIONER: frozenset(
            {
                Permission.SEE_OCCUPANCY,
                Permission.SEE_SCENARIOS,
                Permission.SAVE_SCENARIOS,
                Permission.SEE_RELEASED,
            }
        ),
        Role.ANALYST: frozenset({Permission.SEE_RELEASED}),
        Role.AUDITOR: frozenset({Permission.READ_AUDIT}),
        Role.ADMIN: frozenset({Permission.MANAGE_PEOPLE}),
    }
)
"""What each role may do (`commands.md`, Roles). A role that is not here may do nothing."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts.

    `user_id` is an opaque reference: the audit and the logs hold it, never a name. `nations` are those whose
    cases the actor may see; `provider_id` limits sites and stays to one provider's own.
    """

    user_id: str
    permissions: frozenset[Permission]
    nations: frozenset[Nation] = frozenset()
    provider_id: str | None = None
    sees_restricted: bool = False

    def may(self, permission: Permission) -> bool:
        """Return whether the actor has a permission."""
        return permission in self.permissions


def actor_of(
    user_id: str, role: Role, *, nations: Iterable[Nation] = (), provider_id: str | None = None
) -> Actor:
    """Return the actor that a person in a role is."""
    return Actor(user_id, ROLE_PERMISSIONS.get(role, frozenset()), frozenset(nations), provider_id)


OPERATOR: Final = Actor("command line", frozenset(Permission), frozenset(Nation), sees_restricted=True)
"""Whoever runs the service's own machine and holds the database's keys: set-up, before there are people."""


def require(actor: Actor, permission: Permission) -> None:
    """Refuse an actor without a permission.

    Raises
    ------
    NotPermitted
        The actor does not have it.
    """
    if not actor.may(permission):
        raise NotPermitted(f"this needs the permission {permission}, which you do not have")
