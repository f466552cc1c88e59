"""An estate that is written reads back the same, to the byte the same each time."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest

from beds.errors import BadInput
from beds.folder import write_folder
from beds.importing import read_folder
from beds.importing.columns import TABLES
from tests.builders import a_referral, a_site, a_small_estate


def test_the_same_estate_gives_the_same_bytes_whatever_its_order(tmp_path: Path) -> None:
    sites = (a_site("S1", services=frozenset({"b", "a"})), a_site("S2"))
    one, other = a_small_estate(sites=sites), a_small_estate(sites=sites[::-1])

    write_folder(one, tmp_path / "one")
    write_folder(other, tmp_path / "other")

    for table in TABLES:
        name = f"{table.name}.csv"
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "other" / name).read_bytes()


def test_all_ten_files_are_written_with_the_columns_of_the_specification(tmp_path: Path) -> None:
    write_folder(a_small_estate(), tmp_path / "new" / "folder")

    written = sorted(path.name for path in (tmp_path / "new" / "folder").iterdir())
    assert written == sorted(f"{table.name}.csv" for table in TABLES)
    assert (tmp_path / "new/folder/beds.csv").read_bytes() == b"bed_id,unit_id,kind\nB1,U1,single\n"


def test_files_are_replaced_and_readable_by_their_owner_only(tmp_path: Path) -> None:
    (tmp_path / "sites.csv").write_text("old")

    write_folder(a_small_estate(), tmp_path)

    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
    assert read_folder(tmp_path) == a_small_estate()


@pytest.mark.parametrize(
    "changes",
    [
        {"name": '=HYPERLINK("MARKER")'},
        {"name": "two\rlines MARKER"},
        {"provider_id": "MARKER PERSON"},
        {"admits": frozenset()},
        {"cost_per_bed_night": Decimal(-1)},
        {"region": ""},
    ],
)
def test_a_value_that_could_not_be_read_back_is_refused_and_nothing_written(
    tmp_path: Path, changes: dict[str, object]
) -> None:
    estate = a_small_estate(sites=(replace(a_site(), **changes),))

    with pytest.raises(BadInput) as refused:
        write_folder(estate, tmp_path / "out")

    assert "sites.csv" in str(refused.value)
    assert "MARKER" not in str(refused.value)
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(BadInput, match="cannot be written"):
        write_folder(a_small_estate(), tmp_path / "file")


def test_nothing_is_left_behind_when_writing_fails_halfway(tmp_path: Path) -> None:
    (tmp_path / "people.csv").mkdir()

    with pytest.raises(BadInput):
        write_folder(a_small_estate(), tmp_path)

    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_an_offset_is_kept_as_it_was_recorded(tmp_path: Path) -> None:
    received_at = datetime(2026, 7, 1, 1, 30, tzinfo=timezone(timedelta(hours=1)))

    write_folder(a_small_estate(referrals=(a_referral(received_at=received_at),)), tmp_path)

    assert "2026-07-01T01:30:00+01:00" in (tmp_path / "referrals.csv").read_text()
