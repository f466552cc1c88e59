"""Clients of the API at work: each thinks, asks, and now and then takes a bed and gives it back.

What is timed is what a caller waits: from the first byte sent to the last byte received, over a connection
that stays open.
"""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from random import Random
from statistics import quantiles
from typing import Any, Final
from uuid import uuid4

EXPECTED: Final = frozenset({200, 201, 409, 422})
"""Done, or refused in so many words: just taken, changed meanwhile, a preference not met."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered with, and how long it took."""

    status: int
    body: Any
    etag: str | None
    ms: float


@dataclass
class Timings:
    """How long each kind of request took, in milliseconds, and what went wrong."""

    ms: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    statuses: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    errors: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, kind: str, answer: Answer) -> None:
        """Keep one answer."""
        self.ms[kind].append(answer.ms)
        self.statuses[f"{kind} {answer.status}"] += 1
        if answer.status not in EXPECTED:
            self.errors.append(f"{kind}: {answer.status} {json.dumps(answer.body)[:200]}")

    def of(self, *kinds: str) -> dict[str, float]:
        """Return how many requests of some kinds there were, and their 50th, 95th and 99th percentiles."""
        found = [ms for kind in kinds for ms in self.ms[kind]]
        cuts = quantiles(found, n=100) if len(found) > 1 else [0.0] * 99
        return {
            "n": len(found),
            "p50": round(cuts[49], 1),
            "p95": round(cuts[94], 1),
            "p99": round(cuts[98], 1),
        }

    def report(self) -> dict[str, Any]:
        """Return all of it, kind by kind."""
        total = sum(map(len, self.ms.values()))
        return {
            "kinds": {kind: self.of(kind) for kind in sorted(self.ms)},
            "statuses": dict(sorted(self.statuses.items())),
            "errors": self.errors[:5],
            "errors_in_all": len(self.errors),
            "requests_per_s": round(total / self.seconds, 1),
        }


class Client:
    """One caller with a connection and a token of its own."""

    def __init__(self, port: int, token: str, number: int) -> None:
        """Connect when the first request is made."""
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self._token = token
        self.rng = Random(number)

    def ask(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, etag: str | None = None
    ) -> Answer:
        """Return the answer to one request."""
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        if method == "POST":
            headers["Idempotency-Key"] = str(uuid4())
        if etag is not None:
            headers["If-Match"] = etag
        began = time.perf_counter()
        self._connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = self._connection.getresponse()
        content = answer.read()
        ms = 1000 * (time.perf_counter() - began)
        return Answer(answer.status, json.loads(content) if content else None, answer.headers["ETag"], ms)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


Work = Callable[[Client, Timings], None]


def at_work(port: int, tokens: Sequence[str], work: Work, *, seconds: float, think_s: float) -> Timings:
    """Let a client for each token work for a while, thinking `think_s` on average between two pieces."""
    parts = [Timings() for _ in tokens]
    until = time.perf_counter() + seconds

    def be_a_client(number: int) -> None:
        client = Client(port, tokens[number], number)
        try:
            time.sleep(client.rng.uniform(0, think_s))
            while time.perf_counter() < until:
                work(client, parts[number])
                time.sleep(client.rng.uniform(0.5, 1.5) * think_s)
        except (OSError, HTTPException) as broken:
            parts[number].errors.append(f"connection: {broken!r}")
        finally:
            client.close()

    began = time.perf_counter()
    threads = [threading.Thread(target=be_a_client, args=(number,)) for number in range(len(tokens))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return _together(parts, time.perf_counter() - began)


def _together(parts: Iterable[Timings], seconds: float) -> Timings:
    whole = Timings(seconds=seconds)
    for part in parts:
        for kind, ms in part.ms.items():
            whole.ms[kind].extend(ms)
        for status, count in part.statuses.items():
            whole.statuses[status] += count
        whole.errors.extend(part.errors)
    return whole


def one_question(path: str) -> Work:
    """Return the work of asking for one path again and again."""

    def work(client: Client, timings: Timings) -> None:
        timings.add(path, client.ask("GET", path))

    return work


@dataclass(frozen=True)
class Coordinator:
    """The work of a coordinator: 85 questions in 100, and 15 claims or releases.

    A claim is the first unit of the household's options, read just before; what is held is given back with
    the next turn, so that the estate is as full at the end as at the beginning.
    """

    referrals: Sequence[str]
    sites: Sequence[str]
    units: Sequence[str]
    held: dict[int, tuple[str, str]] = field(default_factory=dict)

    def __call__(self, client: Client, timings: Timings) -> None:
        """Do one piece of work."""
        if client.rng.random() < CLAIMS:
            self._take_or_give_back(client, timings)
            return
        kinds = list(READS)
        kind = client.rng.choices(kinds, [READS[kind] for kind in kinds])[0]
        path = {
            "referral": f"/v1/referrals/{client.rng.choice(self.referrals)}",
            "options": f"/v1/referrals/{client.rng.choice(self.referrals)}/options",
            "offers": f"/v1/referrals/{client.rng.choice(self.referrals)}/offers",
            "candidates": f"/v1/units/{client.rng.choice(self.units)}/candidates",
            "affected": f"/v1/units/{client.rng.choice(self.units)}/affected?referral_id="
            f"{client.rng.choice(self.referrals)}",
            "site": f"/v1/sites/{client.rng.choice(self.sites)}",
        }.get(kind, f"/v1/{kind}")
        timings.add(kind, client.ask("GET", path))

    def _take_or_give_back(self, client: Client, timings: Timings) -> None:
        mine = self.held.pop(id(client), None)
        if mine is not None:
            hold_id, etag = mine
            path = f"/v1/holds/{hold_id}/release"
            timings.add("release", client.ask("POST", path, {"reason": "plans_changed"}, etag))
            return
        referral_id = client.rng.choice(self.referrals)
        answer = client.ask("GET", f"/v1/referrals/{referral_id}/options")
        timings.add("options", answer)
        if answer.status != 200 or not answer.body["takes_part"] or not answer.body["options"]:
            return
        option = client.rng.choice(answer.body["options"])
        asked = {
            "referral_id": referral_id,
            "unit_id": option["unit_id"],
            "reason": "best_for_her",
            "overrides": {
                kind: "her_own_wish"
                for kind in option["mismatch"]
                if kind in ("interim", "language", "region")
            },
        }
        claim = client.ask("POST", "/v1/holds", asked)
        timings.add("claim", claim)
        if claim.status == 201:
            self.held[id(client)] = claim.body["hold_id"], claim.etag or '"1"'


CLAIMS: Final = 0.15
READS: Final[Mapping[str, int]] = {
    "referrals": 20,
    "options": 25,
    "referral": 15,
    "sites": 8,
    "site": 8,
    "tonight": 10,
    "holds": 6,
    "offers": 4,
    "candidates": 2,
    "affected": 2,
}
"""What coordinators ask, of 100 questions."""
