"""Rounds worked out by hand: each of `tests/golden/*.json` holds a folder of CSV files and the whole answer.

How the answer follows is told in the file itself, under `worked_by_hand`. A difference is a change of what
people are told: it is reviewed, never regenerated.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from beds.checking import check_result
from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.domain.points import MismatchPoints
from beds.importing import read_folder
from beds.reference import recovery_periods
from beds.services.rounds import as_json, run_round
from tests.oracles import best_by_brute_force

GOLDEN = sorted((Path(__file__).parents[1] / "golden").glob("*.json"))


def _estate_of(golden: dict[str, Any], folder: Path) -> Estate:
    """Write the files of a golden round and read them back the way `--from` does."""
    for table, lines in golden["folder"].items():
        (folder / f"{table}.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
    return read_folder(folder)


def _round_on(estate: Estate, as_at: datetime) -> dict[str, Any]:
    held = run_round(estate, Clock(as_at), periods=recovery_periods(), points=MismatchPoints())
    document: dict[str, Any] = json.loads(held.result_json)
    return document


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_round_is_what_was_worked_out_by_hand(path: Path, tmp_path: Path) -> None:
    golden = json.loads(path.read_text(encoding="utf-8"))
    estate, as_at = _estate_of(golden, tmp_path), datetime.fromisoformat(golden["as_at"])

    result = _round_on(estate, as_at)

    assert result == golden["answer"]
    assert as_json(result) == as_json(golden["answer"]), "keys and rows in their order"


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_what_was_worked_out_by_hand_has_no_fault_and_is_the_best_of_all(path: Path, tmp_path: Path) -> None:
    golden = json.loads(path.read_text(encoding="utf-8"))
    estate, as_at = _estate_of(golden, tmp_path), datetime.fromisoformat(golden["as_at"])

    faults = check_result(
        golden["answer"],
        estate,
        as_at=as_at,
        periods=recovery_periods(),
        points=MismatchPoints().as_mapping(),
    )

    assert faults == []
    assert best_by_brute_force(estate, as_at) == tuple(golden["answer"]["objective"].values())
