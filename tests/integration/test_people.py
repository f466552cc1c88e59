"""People and their tokens: added, signed in, expired, revoked; a token is shown once and kept as a digest."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine

from beds.database import connect
from beds.domain.terms import Nation
from beds.errors import BadInput, BedsError, NotAllowedNow, NotFound, NotPermitted, NotSignedIn
from beds.roles import OPERATOR, ROLE_PERMISSIONS, Actor, Role, actor_of
from beds.services.people import (
    UserView,
    actor_of_token,
    add_user,
    issue_token,
    list_users,
    revoke_user,
)
from beds.settings import Settings
from tests.builders import CLOCK, NOON, a_site, a_small_estate
from tests.integration.conftest import AUDIT_KEY, ENCRYPTION_KEY
from tests.integration.live import ask, change, events, later
from tests.integration.recorded import bring_in, contents

ADMIN = actor_of("user-admin", Role.ADMIN)
MARKER = "Marker Name Ægir"


def added(engine: Engine, **changes: object) -> tuple[UserView, str]:
    """Add a person, a coordinator of all nations unless something else is stated."""
    stated = {"name": MARKER, "role": "coordinator", "days": 90, **changes}
    return change(engine, add_user, ADMIN, **stated)


def signed_in(engine: Engine, token: str, **span: float) -> Actor:
    """Return who acts with a token some time after noon."""
    return ask(engine, actor_of_token, token, NOON + timedelta(**span))


def test_a_coordinator_without_nations_named_has_all_four(engine: Engine) -> None:
    user, token = added(engine)

    actor = signed_in(engine, token)

    assert (actor.user_id, actor.nations) == (user.user_id, frozenset(Nation))
    assert actor.permissions == ROLE_PERMISSIONS[Role.COORDINATOR]
    assert actor.sees_restricted is False


def test_a_coordinator_of_one_nation_has_that_one(engine: Engine) -> None:
    _, token = added(engine, nations=["Scotland"])

    assert signed_in(engine, token).nations == {Nation.SCOTLAND}


def test_somebody_at_a_provider_has_that_provider(engine: Engine) -> None:
    bring_in(engine, a_small_estate())
    _, token = added(engine, role="provider", provider_id="P1")

    assert signed_in(engine, token).provider_id == "P1"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"role": "manager MARKER"}, "role: one of coordinator, provider"),
        ({"role": "provider"}, "provider_id"),
        ({"role": "provider", "provider_id": "MARKER"}, "provider_id"),
        ({"provider_id": "P1"}, "provider_id: only"),
        ({"role": "admin", "nations": ["England"]}, "nations: only"),
        ({"nations": ["MARKER"]}, "nations: each of England"),
        ({"name": "  "}, "name: text"),
        ({"name": "MARKER" * 100}, "name: text"),
        ({"name": "=MARKER"}, "name: text"),
        ({"days": 0}, "days: "),
        ({"days": 3_651}, "days: "),
    ],
)
def test_what_is_not_accepted_of_a_person_is_said_and_not_repeated(
    engine: Engine, changes: dict[str, object], words: str
) -> None:
    with pytest.raises(BadInput, match=words) as refusal:
        added(engine, **changes)

    assert "MARKER" not in str(refusal.value)
    assert ask(engine, list_users, ADMIN, clock=CLOCK) == ()


def test_tokens_are_random_and_long(engine: Engine) -> None:
    tokens = {added(engine)[1] for _ in range(5)}

    assert len(tokens) == 5
    assert all(token.startswith("beds_") and len(token) == 48 for token in tokens)


def test_neither_a_token_nor_a_name_is_kept_in_the_clear(engine: Engine) -> None:
    _, token = added(engine)
    change(engine, revoke_user, ADMIN, ask(engine, list_users, ADMIN, clock=CLOCK)[0].user_id)

    kept = str(contents(engine))

    assert token not in kept
    assert token.removeprefix("beds_") not in kept
    assert MARKER not in kept


@pytest.mark.parametrize("token", ["", "beds_", "beds_unknown", "Bearer", "x" * 5_000, "beds_" + "é" * 43])
def test_a_token_that_is_not_known_is_nobodys(engine: Engine, token: str) -> None:
    added(engine)

    with pytest.raises(NotSignedIn):
        signed_in(engine, token)


def test_unknown_expired_and_revoked_tokens_cannot_be_told_apart(engine: Engine) -> None:
    _, expired = added(engine, days=1)
    user, revoked = added(engine)
    change(engine, revoke_user, ADMIN, user.user_id)

    refusals = []
    for token, days in (("beds_unknown", 0), (expired, 1), (revoked, 0)):
        with pytest.raises(NotSignedIn) as refusal:
            signed_in(engine, token, days=days)
        refusals.append(str(refusal.value))

    assert len(set(refusals)) == 1


def test_a_token_is_good_until_the_last_moment_and_not_then(engine: Engine) -> None:
    _, token = added(engine, days=1)

    assert signed_in(engine, token, hours=23, minutes=59, seconds=59)
    with pytest.raises(NotSignedIn):
        signed_in(engine, token, days=1)


def test_revoking_a_person_ends_all_their_tokens_and_once_more_changes_nothing(engine: Engine) -> None:
    user, first = added(engine)
    second = change(engine, issue_token, ADMIN, user.user_id, days=5)
    assert signed_in(engine, second).user_id == user.user_id

    change(engine, revoke_user, ADMIN, user.user_id)
    again = change(engine, revoke_user, ADMIN, user.user_id, at=later(hours=1))

    assert again.revoked_at == NOON
    assert len(events(engine, "user_revoked")) == 1
    for token in (first, second):
        with pytest.raises(NotSignedIn):
            signed_in(engine, token)
    with pytest.raises(NotAllowedNow):
        change(engine, issue_token, ADMIN, user.user_id, days=5)


def test_the_list_shows_names_and_until_when_and_never_a_token(engine: Engine) -> None:
    user, token = added(engine, days=2)
    change(engine, issue_token, ADMIN, user.user_id, days=5)

    (listed,) = ask(engine, list_users, ADMIN, clock=CLOCK)

    assert (listed.name, listed.role) == (MARKER, Role.COORDINATOR)
    assert listed.token_expires_at == NOON + timedelta(days=5)
    assert token not in repr(listed)
    assert ask(engine, list_users, ADMIN, clock=later(days=6))[0].token_expires_at is None


def test_a_token_outlives_a_rotation_of_the_audit_key_until_the_old_key_is_dropped(
    engine: Engine, settings: Settings
) -> None:
    _, token = added(engine)
    new = "another-audit-key-of-the-tests"
    after, dropped = (
        connect(settings.model_copy(update={"audit_key": SecretStr(keys)}))
        for keys in (f"{new},{AUDIT_KEY}", new)
    )

    try:
        assert signed_in(after, token)
        with pytest.raises(NotSignedIn):
            signed_in(dropped, token)
    finally:
        after.dispose()
        dropped.dispose()
    assert ENCRYPTION_KEY not in token


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_only_who_manages_people_does(engine: Engine, role: Role) -> None:
    actor = actor_of("user-1", role, nations=Nation, provider_id="P1" if role is Role.PROVIDER else None)

    for service, arguments in (
        (add_user, {"name": "A", "role": "admin", "days": 1}),
        (issue_token, {"user_id": "user-1", "days": 1}),
        (revoke_user, {"user_id": "user-1"}),
        (list_users, {}),
    ):
        with pytest.raises(NotPermitted, match="manage_people"):
            change(engine, service, actor, **arguments)


@pytest.mark.parametrize("service", [issue_token, revoke_user])
def test_somebody_who_is_not_there_is_not_found(engine: Engine, service: object) -> None:
    days = {"days": 1} if service is issue_token else {}

    with pytest.raises(NotFound):
        change(engine, service, OPERATOR, "user-0000000000", **days)  # type: ignore[arg-type]


def test_the_audit_says_that_somebody_was_added_and_not_who(engine: Engine) -> None:
    user, _ = added(engine)

    (event,) = events(engine, "user_added")

    assert (event["actor"], event["subject"]) == ("user-admin", user.user_id)
    assert MARKER not in str(event)


def test_a_refusal_leaves_nothing_behind(engine: Engine) -> None:
    bring_in(engine, a_small_estate(sites=(a_site(),)))

    with pytest.raises(BedsError):
        added(engine, role="provider", provider_id="P9")

    assert events(engine, "user_added") == []
