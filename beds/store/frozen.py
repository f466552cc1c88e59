"""The frozen problem of a round, by case: what it says of a household is kept under that case's own key.

What is left (the units, the instant, the order of the households) is about nobody. Put together again it is
the same text to the byte, so that a replay years later starts from what was solved then.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from beds.errors import BadInput

_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class _Parts:
    """The text of a problem, cut at its lists.

    Texts and not lists of lists: a hundred thousand small lists cost ten times as much.
    """

    before: str
    requests: str
    units: str
    pairs: str
    kinds: str
    mismatch: str
    conflicts: str

    @classmethod
    def of(cls, text: str) -> _Parts:
        """Cut a problem as `optimiser.problem` writes it; a quote within a text of it would be escaped."""
        before, _, rest = text.partition('"requests":[')
        requests, _, rest = rest.partition('],"units":[')
        units, _, rest = rest.partition('],"pairs":[')
        pairs, _, rest = rest.partition('],"mismatch_kinds":[')
        kinds, _, rest = rest.partition('],"mismatch":[')
        mismatch, _, rest = rest.partition('],"conflicts":[')
        return cls(before, requests, units, pairs, kinds, mismatch, rest.removesuffix("]}"))

    def text(self) -> str:
        """Return the problem's text."""
        return (
            f'{self.before}"requests":[{self.requests}],"units":[{self.units}],"pairs":[{self.pairs}],'
            f'"mismatch_kinds":[{self.kinds}],"mismatch":[{self.mismatch}],"conflicts":[{self.conflicts}]}}'
        )


def split_problem(problem_json: str) -> tuple[str, dict[str, str]]:
    """Return what a frozen problem says of nobody, and what it says of each household, as texts.

    Raises
    ------
    BadInput
        It is not a frozen problem as `optimiser.problem` writes it, in the canonical order.
    """
    parts = _Parts.of(problem_json)
    try:
        requests = list(_requests(parts.requests))
        order = [ref for ref, _ in requests]
        cases = dict(zip(order, _of_each(parts, [text for _, text in requests]), strict=True))
        base = _Parts(parts.before, json.dumps(order)[1:-1], parts.units, "", parts.kinds, "", "").text()
        is_whole = join_problem(base, cases) == problem_json
    except (ValueError, KeyError, TypeError, StopIteration):
        is_whole = False
    if not is_whole:
        raise BadInput("the frozen problem of a round: not in the form in which it can be kept by case")
    return base, cases


def join_problem(base: str, cases: Mapping[str, str]) -> str:
    """Return the frozen problem that was split.

    Parameters
    ----------
    base, cases : as `split_problem` gave them, of every household
    """
    parts = _Parts.of(base)
    requests: list[str] = []
    pairs: list[str] = []
    mismatch: list[str] = []
    conflicts: list[str] = []
    for place, ref in enumerate(json.loads(f"[{parts.requests}]")):
        request, units, points, others = json.loads(cases[ref])
        requests.append(request)
        pairs += (f"[{place},{unit}]" for unit in units)
        mismatch += (f"[{row}]" for row in points)
        conflicts += (f"[{place},{other}]" for other in others)
    lists = (",".join(rows) for rows in (requests, pairs, mismatch, conflicts))
    requests_text, pairs_text, mismatch_text, conflicts_text = lists
    return _Parts(
        parts.before, requests_text, parts.units, pairs_text, parts.kinds, mismatch_text, conflicts_text
    ).text()


def _requests(text: str) -> Iterator[tuple[str, str]]:
    """Give the reference and the text of each household that takes part."""
    start = 0
    while start < len(text):
        request, end = _DECODER.raw_decode(text, start)
        yield request["ref"], text[start:end]
        start = end + 1


def _of_each(parts: _Parts, requests: Iterable[str]) -> Iterator[str]:
    """Give what the problem says of each household: itself, its units, its points, whom to keep apart.

    That two are kept apart is with the first of them: the two are anonymised together (`services.retention`).
    """
    points = iter(_rows(parts.mismatch))
    units, others = _seconds(parts.pairs), _seconds(parts.conflicts)
    for place, request in enumerate(requests):
        mine = units.get(str(place), [])
        rows = [next(points) for _ in mine]
        yield json.dumps([request, mine, rows, others.get(str(place), [])], separators=(",", ":"))


def _seconds(pairs: str) -> dict[str, list[str]]:
    """Return the second of each pair by the first of it."""
    cut = (row.partition(",") for row in _rows(pairs))
    return {first: [second for _, _, second in rows] for first, rows in groupby(cut, lambda row: row[0])}


def _rows(lists: str) -> list[str]:
    return lists[1:-1].split("],[") if lists else []
