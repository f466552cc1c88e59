"""Who may do what: the table of roles, written out once more by hand from `commands.md`."""

import pytest

from beds.domain.terms import Nation, Role
from beds.errors import NotPermitted
from beds.roles import OPERATOR, ROLE_PERMISSIONS, Actor, Permission, actor_of, require

ABOUT_CASES = {
    Permission.SEE_CASES,
    Permission.RECORD_CASES,
    Permission.RESTRICT_CASES,
    Permission.CLAIM_BEDS,
    Permission.OVERRIDE_PREFERENCES,
}


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.COORDINATOR])
def test_only_a_coordinator_has_anything_to_do_with_cases(role: Role) -> None:
    assert not ROLE_PERMISSIONS[role] & ABOUT_CASES


def test_an_admin_manages_people_and_nothing_else() -> None:
    assert ROLE_PERMISSIONS[Role.ADMIN] == {Permission.MANAGE_PEOPLE}


def test_only_an_auditor_reads_the_audit() -> None:
    readers = [role for role, permissions in ROLE_PERMISSIONS.items() if Permission.READ_AUDIT in permissions]

    assert readers == [Role.AUDITOR]


def test_an_analyst_sees_released_tables_only() -> None:
    assert ROLE_PERMISSIONS[Role.ANALYST] == {Permission.SEE_RELEASED}


def test_a_commissioner_sees_no_site_and_no_address() -> None:
    unseen = {Permission.SEE_SITES, Permission.READ_ADDRESSES, Permission.SEE_STAYS}

    assert not ROLE_PERMISSIONS[Role.COMMISSIONER] & unseen


def test_nobody_but_the_machines_own_operator_maintains_the_database() -> None:
    assert not [role for role, permissions in ROLE_PERMISSIONS.items() if Permission.MAINTAIN in permissions]
    assert OPERATOR.may(Permission.MAINTAIN)


@pytest.mark.parametrize("permission", Permission)
def test_who_has_no_permission_is_refused_and_who_has_it_is_not(permission: Permission) -> None:
    nobody, somebody = Actor("user-1", frozenset()), Actor("user-2", frozenset({permission}))

    with pytest.raises(NotPermitted, match=permission):
        require(nobody, permission)
    require(somebody, permission)


def test_a_role_gives_permissions_and_a_person_their_reach() -> None:
    actor = actor_of("user-1", Role.PROVIDER, provider_id="P1")

    assert actor.permissions == ROLE_PERMISSIONS[Role.PROVIDER]
    assert (actor.nations, actor.provider_id, actor.sees_restricted) == (frozenset(), "P1", False)
    assert actor_of("user-2", Role.COORDINATOR, nations=[Nation.SCOTLAND]).nations == {Nation.SCOTLAND}
