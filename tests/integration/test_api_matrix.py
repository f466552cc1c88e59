"""Who may do what, through the door: every endpoint of the OpenAPI document by everybody.

The endpoints are taken from the document itself: a new one without an entry here fails. Whoever is not named
in an entry is refused; without a token, or with a revoked one, everybody is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from beds.api.app import create_app
from beds.database import connect, writing
from beds.domain import estate as domain
from beds.domain.clock import Clock
from beds.domain.terms import RunKind
from beds.roles import OPERATOR
from beds.scenario_files import preset
from beds.services.forecasts import Made, text_of
from beds.services.kept_forecasts import keep_run
from beds.services.sites import set_address
from beds.settings import Settings
from tests.builders import NOON
from tests.integration.api_client import (
    ADMIN,
    ANALYST,
    AUDITOR,
    COMMISSIONER,
    ENGLAND,
    EVERYBODY,
    NOBODY,
    OTHER,
    OWN,
    REVOKED,
    SCOTLAND,
    Api,
    an_api,
    both_nations,
    done,
    rooms,
    women,
)
from tests.integration.conftest import settings_for

HOUSEHOLDS: Final = 90


@dataclass(frozen=True)
class Sent:
    """What is sent: where to, what with, and the version that is said to have been seen."""

    path: str
    body: object = None
    seen: int | None = None


@dataclass
class Estate:
    """The API on an estate with enough of everything that each test has a case and a unit of its own."""

    api: Api
    stale_run_id: str = ""
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(1, HOUSEHOLDS + 1)))

    def hold(self) -> dict[str, Any]:
        """Return a hold of a case in England, in the site of the own provider."""
        number = next(self.numbers)
        return self.api.hold(f"E{number}", f"US1-{number}")

    def placement(self, *, arrived: bool = True) -> dict[str, Any]:
        """Return such a stay."""
        number = next(self.numbers)
        stay = self.api.placement(f"E{number}", f"US1-{number}")
        if arrived:
            path = f"/v1/placements/{stay['placement_id']}/arrival"
            stay = done(self.api.post(path, seen=stay["version"]))
        return stay

    def case(self, **changes: Any) -> dict[str, Any]:
        """Return a new case in England."""
        return done(self.api.post("/v1/referrals", {**HOUSEHOLD, **changes}), 201)

    def closure(self) -> str:
        """Return a closure in the own provider's site."""
        body = {"bed_id": f"BS1-{next(self.numbers)}", "starts_on": "2026-03-03", "reason": "repair"}
        return str(done(self.api.post("/v1/closures", body), 201)["closure_id"])

    def run(self) -> str:
        """Return a new round, the newest by its instant."""
        self.api.later(seconds=1)
        return str(done(self.api.post("/v1/rounds", {}), 201)["run_id"])

    def proposal(self) -> str:
        """Return where an open proposal of the newest round is, for a household of no other test."""
        run_id = done(self.api.get("/v1/rounds?limit=1"))["items"][0]["run_id"]
        found = done(self.api.get(f"/v1/rounds/{run_id}/proposals"))["proposals"]
        proposal_id = next(
            proposal["proposal_id"]
            for proposal in found
            if proposal["state"] == "proposed" and proposal["referral_id"].startswith("Q")
        )
        return f"/v1/rounds/{run_id}/proposals/{proposal_id}"


HOUSEHOLD: Final = {
    "nation": "England",
    "priority": "urgent",
    "people": [{"gender": "female", "is_lead": True, "age": 30}],
}

Send = Callable[[Estate], Sent]
Row = tuple[Send, Mapping[str, int]]

COORDINATORS: Final = {ENGLAND: 200, SCOTLAND: 200}
OWN_CASE: Final = {ENGLAND: 200, SCOTLAND: 404}
NEW_OF_OWN_CASE: Final = {ENGLAND: 201, SCOTLAND: 404}
PROVIDERS: Final = {OWN: 200, OTHER: 200}
OWN_SITE: Final = {OWN: 200, OTHER: 404}
MADE_BY_COORDINATORS: Final = {ENGLAND: 201, SCOTLAND: 201}


def at(path: str, body: object = None) -> Send:
    """Send to one address whatever the estate."""
    return lambda _: Sent(path, body)


def of_case(path: str, body: object = None, **changes: Any) -> Send:
    """Send a change of a new case, as it was seen."""

    def send(estate: Estate) -> Sent:
        case = estate.case(**changes)
        return Sent(path.format(case["referral_id"]), body, case["version"])

    return send


def of_hold(path: str, body: object = None) -> Send:
    """Send something about a new hold, as it was seen."""

    def send(estate: Estate) -> Sent:
        hold = estate.hold()
        return Sent(path.format(hold["hold_id"]), body, hold["version"])

    return send


def of_stay(path: str, body: object = None, *, arrived: bool = True) -> Send:
    """Send something about a new stay, as it was seen."""

    def send(estate: Estate) -> Sent:
        stay = estate.placement(arrived=arrived)
        return Sent(path.format(stay["placement_id"]), body, stay["version"])

    return send


def _returned(estate: Estate) -> Sent:
    stay = estate.placement()
    path = f"/v1/placements/{stay['placement_id']}/end"
    done(estate.api.post(path, {"on": "2026-03-03", "move_on": "other"}, seen=stay["version"]))
    case = estate.api.get(f"/v1/referrals/{stay['referral_id']}")
    return Sent(f"/v1/referrals/{stay['referral_id']}/return", None, done(case)["line"]["version"])


def _kept_apart(estate: Estate) -> Sent:
    one, other = estate.case(), estate.case()
    path = f"/v1/referrals/{one['referral_id']}/keep-apart"
    return Sent(path, {"other_referral_id": other["referral_id"]})


def _transfer(estate: Estate) -> Sent:
    stay = estate.placement()
    unit = f"US1-{next(estate.numbers)}"
    path = f"/v1/placements/{stay['placement_id']}/transfer"
    return Sent(path, {"unit_id": unit}, stay["version"])


def _move_out(estate: Estate) -> Sent:
    stay = estate.placement()
    person = stay["beds"][0]["person_id"]
    body = {"person_ids": [person], "on": "2026-03-03", "move_on": "family_or_friends"}
    return Sent(f"/v1/placements/{stay['placement_id']}/move-out", body, stay["version"])


def _new_hold(estate: Estate) -> Sent:
    number = next(estate.numbers)
    body = {"referral_id": f"E{number}", "unit_id": f"US1-{number}", "reason": "best_for_her"}
    return Sent("/v1/holds", body)


def _new_closure(estate: Estate) -> Sent:
    body = {"bed_id": f"BS1-{next(estate.numbers)}", "starts_on": "2026-03-03", "reason": "repair"}
    return Sent("/v1/closures", body)


def _availability(estate: Estate) -> Sent:
    version = done(estate.api.get("/v1/sites/S1"))["line"]["version"]
    return Sent("/v1/sites/S1/availability", None, version)


def _new_round(estate: Estate) -> Sent:
    estate.api.later(seconds=1)
    return Sent("/v1/rounds", {"time_limit_s": 20})


def _of_scenario(path: str = "", body: object = None) -> Send:
    def send(estate: Estate) -> Sent:
        saved = done(estate.api.post("/v1/scenarios", SCENARIO_BODY, COMMISSIONER), 201)
        return Sent(f"/v1/scenarios/{saved['scenario_id']}{path}", body, saved["version"])

    return send


def _of_run(estate: Estate) -> Sent:
    made = Made(RunKind.FORECAST, NOON, (preset("as_on_record"),), 0, "1", text_of({"schema_version": 1}))
    with writing(estate.api.engine) as session:
        line = keep_run(session, OPERATOR, made, clock=Clock(estate.api.instant))
    return Sent(f"/v1/forecasts/{line.run_id}")


def _of_proposal(step: str, body: object = None) -> Send:
    return lambda estate: Sent(f"{estate.proposal()}/{step}", body)


def _of_round(path: str = "") -> Send:
    return lambda estate: Sent(f"/v1/rounds/{estate.stale_run_id}{path}")


SCENARIO_BODY: Final = {"name": "mine", "growth_per_year": 0.1}
CASE: Final = "/v1/referrals/{referral_id}"
STAY: Final = "/v1/placements/{placement_id}"
ROUND: Final = "/v1/rounds/{run_id}"
SITE: Final = "/v1/sites/{site_id}"
SCENARIO: Final = "/v1/scenarios/{scenario_id}"
MATRIX: Final[Mapping[tuple[str, str], Row]] = {
    ("GET", "/v1/referrals"): (at("/v1/referrals"), COORDINATORS),
    ("POST", "/v1/referrals"): (at("/v1/referrals", HOUSEHOLD), {ENGLAND: 201, SCOTLAND: 403}),
    ("GET", CASE): (at("/v1/referrals/E1"), OWN_CASE),
    ("PATCH", CASE): (of_case("/v1/referrals/{}", {"needs": {"cross_border": True}}), OWN_CASE),
    ("POST", f"{CASE}/triage"): (of_case("/v1/referrals/{}/triage", triaged=False), OWN_CASE),
    ("POST", f"{CASE}/close"): (of_case("/v1/referrals/{}/close", {"reason": "withdrawn"}), OWN_CASE),
    ("POST", f"{CASE}/return"): (_returned, OWN_CASE),
    ("POST", f"{CASE}/restriction"): (of_case("/v1/referrals/{}/restriction", {"user_ids": []}), OWN_CASE),
    ("POST", f"{CASE}/keep-apart"): (_kept_apart, OWN_CASE),
    ("POST", f"{CASE}/decisions"): (
        of_case("/v1/referrals/{}/decisions", {"reasonable_grounds_on": "2026-03-01"}),
        OWN_CASE,
    ),
    ("POST", f"{CASE}/declines"): (
        of_case(
            "/v1/referrals/{}/declines", {"site_id": "S1", "declined_by": "survivor", "reason": "other"}
        ),
        NEW_OF_OWN_CASE,
    ),
    ("GET", f"{CASE}/options"): (at("/v1/referrals/E90/options?top=3&others=true"), OWN_CASE),
    ("GET", f"{CASE}/offers"): (at("/v1/referrals/E90/offers?k=2"), OWN_CASE),
    ("GET", "/v1/units/{unit_id}/candidates"): (at("/v1/units/US1-90/candidates"), COORDINATORS),
    ("GET", "/v1/units/{unit_id}/affected"): (at("/v1/units/US1-90/affected?referral_id=E90"), OWN_CASE),
    ("GET", "/v1/holds"): (at("/v1/holds"), COORDINATORS | PROVIDERS),
    ("POST", "/v1/holds"): (_new_hold, NEW_OF_OWN_CASE),
    ("GET", "/v1/holds/{hold_id}"): (of_hold("/v1/holds/{}"), OWN_CASE | OWN_SITE),
    ("POST", "/v1/holds/{hold_id}/release"): (of_hold("/v1/holds/{}/release", {"reason": "error"}), OWN_CASE),
    ("POST", "/v1/holds/{hold_id}/decline"): (
        of_hold("/v1/holds/{}/decline", {"declined_by": "provider", "reason": "staffing"}),
        OWN_CASE | OWN_SITE,
    ),
    ("GET", "/v1/placements"): (at("/v1/placements"), COORDINATORS | PROVIDERS),
    ("POST", "/v1/placements/{hold_id}"): (of_hold("/v1/placements/{}"), NEW_OF_OWN_CASE),
    ("GET", STAY): (of_stay("/v1/placements/{}"), OWN_CASE | OWN_SITE),
    ("POST", f"{STAY}/arrival"): (of_stay("/v1/placements/{}/arrival", arrived=False), OWN_CASE | OWN_SITE),
    ("POST", f"{STAY}/no-arrival"): (
        of_stay("/v1/placements/{}/no-arrival", arrived=False),
        OWN_CASE | OWN_SITE,
    ),
    ("POST", f"{STAY}/extension"): (
        of_stay("/v1/placements/{}/extension", {"new_end_on": "2026-05-01"}),
        OWN_CASE,
    ),
    ("POST", f"{STAY}/transfer"): (_transfer, OWN_CASE),
    ("POST", f"{STAY}/move-out"): (_move_out, OWN_CASE | OWN_SITE),
    ("POST", f"{STAY}/end"): (
        of_stay("/v1/placements/{}/end", {"on": "2026-03-03", "move_on": "other"}),
        OWN_CASE | OWN_SITE,
    ),
    ("GET", "/v1/rounds"): (at("/v1/rounds"), COORDINATORS),
    ("POST", "/v1/rounds"): (_new_round, {ENGLAND: 201, SCOTLAND: 201}),
    ("GET", ROUND): (_of_round(), COORDINATORS),
    ("GET", f"{ROUND}/proposals"): (_of_round("/proposals"), COORDINATORS),
    ("POST", f"{ROUND}/proposals/{{proposal_id}}/accept"): (_of_proposal("accept"), NEW_OF_OWN_CASE),
    ("POST", f"{ROUND}/proposals/{{proposal_id}}/set-aside"): (
        _of_proposal("set-aside", {"reason": "phoned"}),
        OWN_CASE,
    ),
    ("POST", f"{ROUND}/accept-all"): (_of_round("/accept-all"), COORDINATORS),
    ("GET", "/v1/sites"): (at("/v1/sites"), COORDINATORS | PROVIDERS),
    ("POST", "/v1/sites"): (at("/v1/sites", NEW_SITE := {
        "provider_id": "P1",
        "nation": "England",
        "region": "E12000007",
        "site_type": "safe_house",
        "admits": ["female"],
        "accepts_children": False,
        "security_level": 2,
    }), MADE_BY_COORDINATORS),
    ("GET", SITE): (at("/v1/sites/S1"), COORDINATORS | OWN_SITE),
    ("POST", f"{SITE}/availability"): (_availability, COORDINATORS | OWN_SITE),
    ("GET", f"{SITE}/address"): (at("/v1/sites/S1/address"), COORDINATORS | OWN_SITE),
    ("POST", f"{SITE}/address"): (at("/v1/sites/S1/address", {"address": "1 Example Street"}), COORDINATORS),
    ("POST", f"{SITE}/units"): (
        at("/v1/sites/S1/units", {"sharing": "shared", "step_free": True}),
        MADE_BY_COORDINATORS,
    ),
    ("POST", f"{SITE}/beds"): (
        at("/v1/sites/S1/beds", {"unit_id": "US1-1", "kind": "cot"}),
        MADE_BY_COORDINATORS,
    ),
    ("GET", "/v1/closures"): (at("/v1/closures"), COORDINATORS | PROVIDERS),
    ("POST", "/v1/closures"): (_new_closure, {ENGLAND: 201, SCOTLAND: 201, OWN: 201, OTHER: 404}),
    ("POST", "/v1/closures/{closure_id}/reopen"): (
        lambda estate: Sent(f"/v1/closures/{estate.closure()}/reopen", {"ends_on": "2026-03-09"}),
        COORDINATORS | OWN_SITE,
    ),
    ("GET", "/v1/tonight"): (at("/v1/tonight"), COORDINATORS | PROVIDERS | {COMMISSIONER: 200}),
    ("GET", "/v1/occupancy"): (at("/v1/occupancy"), COORDINATORS | {COMMISSIONER: 200}),
    ("GET", "/v1/scenarios"): (at("/v1/scenarios"), {COMMISSIONER: 200}),
    ("POST", "/v1/scenarios"): (at("/v1/scenarios", SCENARIO_BODY), {COMMISSIONER: 201}),
    ("GET", SCENARIO): (_of_scenario(), {COMMISSIONER: 200}),
    ("PUT", SCENARIO): (_of_scenario(body={"name": "other"}), {COMMISSIONER: 200}),
    ("POST", f"{SCENARIO}/withdraw"): (_of_scenario("/withdraw"), {COMMISSIONER: 200}),
    ("GET", "/v1/forecasts"): (at("/v1/forecasts"), {COMMISSIONER: 200}),
    ("POST", "/v1/forecasts"): (at("/v1/forecasts", {"draws": 20, "scenarios": ["recovery_30"]}), {
        COMMISSIONER: 201
    }),
    ("GET", "/v1/forecasts/{run_id}"): (_of_run, {COMMISSIONER: 200}),
    # what comes from real cases stays inside: those who may see what is released are refused here too
    ("GET", "/v1/exports/{name}"): (at("/v1/exports/shortfall"), {}),
    ("GET", "/v1/audit"): (at("/v1/audit"), {AUDITOR: 200}),
    ("GET", "/v1/audit/reads"): (at("/v1/audit/reads"), {AUDITOR: 200}),
    ("GET", "/v1/me"): (
        at("/v1/me"),
        COORDINATORS | PROVIDERS | dict.fromkeys((COMMISSIONER, ANALYST, AUDITOR, ADMIN), 200),
    ),
    ("GET", "/healthz"): (at("/healthz"), dict.fromkeys(EVERYBODY, 200)),
    ("GET", "/readyz"): (at("/readyz"), dict.fromkeys(EVERYBODY, 200)),
}  # fmt: skip


def _endpoints() -> list[tuple[str, str]]:
    settings = settings_for("sqlite://")
    engine = connect(settings)
    document = create_app(settings, engine).openapi()
    engine.dispose()
    return [(method.upper(), path) for path, operations in document["paths"].items() for method in operations]


@pytest.fixture(scope="module")
def estate(shared_settings: Settings) -> Iterator[Estate]:
    engine = connect(shared_settings)
    with an_api(shared_settings, engine, _an_estate()) as api:
        with writing(engine) as session:
            set_address(session, OPERATOR, "S1", "1 Invented Row", clock=Clock(api.instant))
        found = Estate(api)
        found.stale_run_id = found.run()
        found.run()
        yield found
    engine.dispose()


def _an_estate() -> domain.Estate:
    """Return an estate in which a few households need what only a site has that no test asks for by name."""
    estate = both_nations(households=HOUSEHOLDS, units=HOUSEHOLDS)
    needed = frozenset({"counselling"})
    others = rooms(12, "S3", services=needed) | women(12, "Q", services_required=needed)
    return estate.with_rows(**{name: (*getattr(estate, name), *rows) for name, rows in others.items()})


@pytest.mark.parametrize("endpoint", _endpoints(), ids=" ".join)
def test_who_is_not_named_is_refused_and_who_is_gets_what_they_may_see(
    estate: Estate, endpoint: tuple[str, str]
) -> None:
    prepare, named = MATRIX[endpoint]
    signed_out = {NOBODY: 401, REVOKED: 401}
    expected = dict.fromkeys(EVERYBODY, 403) | signed_out | named

    found, sent = {}, prepare(estate)
    for who in EVERYBODY:
        key = f"matrix-{next(estate.api.keys)}"
        answer = estate.api.ask(who, endpoint[0], sent.path, body=sent.body, key=key, seen=sent.seen)
        found[who] = answer.status_code
        if answer.is_success:
            sent = prepare(estate)

    assert found == expected
