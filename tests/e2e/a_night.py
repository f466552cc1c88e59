"""A night of the service, as its people live it: through `beds serve` with tokens from `beds user add`.

`python -m tests.e2e.a_night` prints the transcript; the test beside it reads the same one.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2

from beds.domain.estate import Estate
from beds.domain.terms import Gender, Nation
from beds.folder import write_folder
from tests.builders import a_bed, a_site, a_unit

ROOT = Path(__file__).resolve().parents[2]
LOCAL = "127.0.0.1"
MOST_SECONDS_TO_START = 60
NAMES = ("Marker Coordinator England", "Marker Coordinator Scotland", "Marker House One", "Marker House Two")


def houses() -> Estate:
    """Return two houses of two providers in England and one in Scotland, all for women and their children."""
    homes = (
        ("S1", "P1", Nation.ENGLAND, "E12000007"),
        ("S2", "P2", Nation.ENGLAND, "E12000008"),
        ("S3", "P3", Nation.SCOTLAND, "S92000003"),
    )
    return Estate(
        sites=tuple(
            a_site(
                site,
                provider_id=provider,
                nation=nation,
                region=region,
                admits=frozenset({Gender.FEMALE}),
                accepts_children=True,
                staff_languages=frozenset({"en", "sq"}),
            )
            for site, provider, nation, region in homes
        ),
        units=tuple(a_unit(f"U{n}", f"S{n}") for n in (1, 2, 3)),
        beds=tuple(a_bed(f"B{n}{letter}", f"U{n}") for n in (1, 2, 3) for letter in "ab"),
    )


@dataclass
class Night:
    """A running service, its people's tokens, and what was said so far."""

    address: str
    tokens: dict[str, str]
    lines: list[str] = field(default_factory=list)

    def call(self, who: str, method: str, path: str, body: object = None, **headers: str) -> httpx2.Response:
        """Send a request as somebody and write down what came of it."""
        answer = httpx2.request(
            method,
            f"{self.address}{path}",
            json=body,
            headers={"Authorization": f"Bearer {self.tokens[who]}", **headers},
            timeout=30,
        )
        self.lines.append(f"{who:<14} {method:<5} {_short(path):<44} {answer.status_code}")
        return answer

    def note(self, text: str) -> None:
        """Write down what an answer said, by opaque references."""
        self.lines.append(f"{'':<14}   {text}")


@contextmanager
def a_service(folder: Path) -> Iterator[Night]:
    """Give the service on a fresh database in a folder, with the houses and six people."""
    write_folder(houses(), folder / "estate")
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith("BEDS_")},
        "BEDS_DATABASE_URL": f"sqlite:///{folder / 'beds.db'}",
        "PYTHONPATH": str(ROOT),
    }
    _beds(env, "db", "upgrade")
    _beds(env, "import", str(folder / "estate"))
    tokens = {
        "England": _token(env, NAMES[0], "--role", "coordinator", "--nation", "England"),
        "Scotland": _token(env, NAMES[1], "--role", "coordinator", "--nation", "Scotland"),
        "house one": _token(env, NAMES[2], "--role", "provider", "--provider", "P1"),
        "house two": _token(env, NAMES[3], "--role", "provider", "--provider", "P2"),
        "commissioner": _token(env, "Marker Commissioner", "--role", "commissioner"),
        "auditor": _token(env, "Marker Auditor", "--role", "auditor"),
    }
    with socket.socket() as probe:
        probe.bind((LOCAL, 0))
        port = probe.getsockname()[1]
    with (folder / "server.log").open("wb") as log:
        command = [sys.executable, "-m", "beds", "serve", "--port", str(port)]
        server = subprocess.Popen(command, env=env, cwd=folder, stdout=log, stderr=subprocess.STDOUT)
        try:
            _wait(f"http://{LOCAL}:{port}/readyz", server)
            yield Night(f"http://{LOCAL}:{port}", tokens)
        finally:
            server.terminate()
            server.wait(timeout=30)


def live_through(night: Night) -> dict[str, str]:
    """Go through the night and return the references that came up in it."""
    referral = _a_referral(night)
    first, second = _two_offers(night, referral)
    _the_first_house_says_no(night, referral, first)
    stay = _the_second_takes_them_in(night, referral, second)
    _who_saw_what(night, referral, stay)
    _the_stay_goes_on_and_ends(night, stay)
    return {"referral": referral, "stay": stay}


def _a_referral(night: Night) -> str:
    body = {
        "nation": "England",
        "priority": "urgent",
        "no_shelter_tonight": True,
        "expected_stay_days": 30,
        "min_security_level": 2,
        "needs_step_free": False,
        "risk_to_others": "low",
        "people": [
            {"is_lead": True, "gender": "female", "age": 29, "age_status": "known", "languages": ["sq"]},
            {"is_lead": False, "gender": "female", "age": 4},
        ],
    }
    answer = night.call("England", "POST", "/v1/referrals", body)
    referral: str = answer.json()["referral_id"]
    line = next(
        row
        for row in night.call("England", "GET", "/v1/referrals").json()["items"]
        if row["referral_id"] == referral
    )
    night.note(f"waiting as {line['priority']}: without shelter tonight counts as an emergency")
    return referral


def _two_offers(night: Night, referral: str) -> tuple[dict[str, Any], dict[str, Any]]:
    answer = night.call("England", "GET", f"/v1/referrals/{referral}/offers").json()
    offers = answer["offers"]
    night.note(f"offers: {', '.join(offer['unit_id'] for offer in offers)}")
    return offers[0], offers[1]


def _hold(night: Night, referral: str, offer: dict[str, Any]) -> dict[str, Any]:
    body = {"referral_id": referral, "unit_id": offer["unit_id"], "reason": "no_shelter_tonight"}
    key = f"{referral}-{offer['unit_id']}"
    held: dict[str, Any] = night.call("England", "POST", "/v1/holds", body, **{"Idempotency-Key": key}).json()
    again = night.call("England", "POST", "/v1/holds", body, **{"Idempotency-Key": key}).json()
    night.note(f"{held['unit_id']} held for {held['minutes_left']} minutes; asked twice, held once")
    if again["hold_id"] != held["hold_id"]:
        raise AssertionError("the same key made another hold")
    return held


def _house_of(offer: dict[str, Any]) -> str:
    return {"S1": "house one", "S2": "house two"}[offer["site_id"]]


def _the_first_house_says_no(night: Night, referral: str, offer: dict[str, Any]) -> None:
    held = _hold(night, referral, offer)
    house = _house_of(offer)
    seen = night.call(house, "GET", "/v1/holds").json()["items"]
    night.note(f"{house} sees {len(seen)} hold, by reference")
    no = {"declined_by": "provider", "reason": "staffing"}
    version = {"If-Match": f'"{held["version"]}"'}
    declined = night.call(house, "POST", f"/v1/holds/{held['hold_id']}/decline", no, **version).json()
    night.note(f"a consequence, dated: {declined.get('decline', declined).get('consequence', '')}")
    options = night.call("England", "GET", f"/v1/referrals/{referral}/options?top=3").json()
    night.note(f"options now: {', '.join(option['unit_id'] for option in options['options'])}")


def _the_second_takes_them_in(night: Night, referral: str, offer: dict[str, Any]) -> str:
    held = _hold(night, referral, offer)
    version = {"If-Match": f'"{held["version"]}"', "Idempotency-Key": f"{referral}-confirm"}
    stay = night.call("England", "POST", f"/v1/placements/{held['hold_id']}", **version).json()
    beds = ", ".join(bed["bed_id"] for bed in stay["beds"])
    night.note(f"expected in {stay['unit_id']}, beds {beds}, until {stay['expected_end_on']}")
    arrived = night.call(
        _house_of(offer), "POST", f"/v1/placements/{stay['placement_id']}/arrival", **_of(stay)
    ).json()
    night.note(f"the stay is {arrived['state']}")
    placement: str = stay["placement_id"]
    return placement


def _who_saw_what(night: Night, referral: str, stay: str) -> None:
    case, placed = f"/v1/referrals/{referral}", f"/v1/placements/{stay}"
    for who in night.tokens:
        for path in (case, placed, "/v1/occupancy?starts_on=2026-11-01&ends_on=2026-11-08&by=nation"):
            night.call(who, "GET", path)


def _the_stay_goes_on_and_ends(night: Night, stay: str) -> None:
    path = f"/v1/placements/{stay}"
    now = night.call("England", "GET", path).json()
    longer = {"new_end_on": (datetime.now(UTC).date() + timedelta(days=60)).isoformat()}
    extended = night.call("England", "POST", f"{path}/extension", longer, **_of(now)).json()
    night.note(f"extended until {extended['expected_end_on']}")
    child = next(bed["person_id"] for bed in extended["beds"] if not bed.get("is_lead", False))
    out = {"on": _tonight(now), "move_on": "private_rented"}
    ended = night.call("England", "POST", f"{path}/end", out, **_of(extended)).json()
    night.note(f"the stay is {ended['state']}: {ended['move_on']}")
    if child is None:
        raise AssertionError("everybody who sleeps in a bed is known by a reference")
    audit = night.call("auditor", "GET", "/v1/audit?limit=50").json()["items"]
    actions = [event["action"] for event in reversed(audit)]
    night.note(f"the audit: {', '.join(actions[-8:])}")


def _tonight(stay: dict[str, Any]) -> str:
    return str(stay["starts_on"])


def _of(record: dict[str, Any]) -> dict[str, str]:
    return {"If-Match": f'"{record["version"]}"'}


def _short(path: str) -> str:
    return re.sub(r"(ref|hold|stay)-[0-9a-f]{10}", r"{\1}", path.partition("?")[0])


def _token(env: dict[str, str], name: str, *arguments: str) -> str:
    return _beds(env, "user", "add", name, *arguments).strip().splitlines()[-1].split()[-1]


def _beds(env: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "beds", *arguments], env=env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise AssertionError(f"beds {arguments[0]} {arguments[1]}: exit {done.returncode}: {done.stderr}")
    return done.stdout


def _wait(address: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + MOST_SECONDS_TO_START
    while time.monotonic() < until and server.poll() is None:
        try:
            if httpx2.get(address, timeout=2).status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.2)
    raise AssertionError("the service did not start")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary, a_service(Path(temporary)) as tonight:
        live_through(tonight)
        sys.stdout.write("\n".join(tonight.lines) + "\n")
