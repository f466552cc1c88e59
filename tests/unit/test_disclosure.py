"""What is released gives no small count away: not by itself, not by totals, not month by month."""

from __future__ import annotations

import io
import itertools
import json
import zipfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from pyarrow import parquet

from beds.disclosure import (
    HIDDEN,
    About,
    Breakdown,
    Column,
    Counts,
    Origin,
    ReleasedTable,
    StaysInside,
    release,
)
from beds.errors import BadInput
from beds.exports import Format, csv_of, files_of, write_tables
from beds.suppression import Group, Rule, protect

RULE = Rule()
NIGHT = "2026-12-01"
ABOUT = About(
    datetime(2026, 11, 23, 18, tzinfo=UTC),
    Origin.SYNTHETIC,
    "A method in a sentence.",
    "7",
    ("Home Office: a table", "ours: an assumption"),
)
BEDS = Column("needed", "Beds needed", "Beds for everybody who needs one, in the mean.")
WAITING = Column("waiting", "Beds for those who wait", "By the records of that night.")


def by_need(values: Sequence[tuple[float, ...]], nation: str = "England", name: str = "by_need") -> Counts:
    """Return counts of all, women, men, others, and those with children."""
    needs = ("all", "women", "men", "mixed_or_other", "with_children")[: len(values)]
    columns = (BEDS, WAITING)[: len(values[0])]
    keys = tuple((nation, need, NIGHT) for need in needs)
    return Counts(name, "By nation and need", Breakdown.NATION_AND_NEED, columns, keys, tuple(values))


def by_region(values: Sequence[float]) -> Counts:
    """Return counts of England and of so many regions of it."""
    regions = ("all", *(f"region_{number}" for number in range(1, len(values))))
    keys = tuple(("England", region, NIGHT) for region in regions)
    cells = tuple((value,) for value in values)
    return Counts("by_region", "By region", Breakdown.REGION, (BEDS,), keys, cells)


def one_total(parts: int) -> list[Group]:
    """Return that the first cell is the sum of so many others."""
    return [Group(0, tuple(range(1, parts + 1)))]


def test_a_count_under_five_is_hidden_and_the_rest_is_rounded_to_five() -> None:
    assert protect([0, 1, 4, 5, 7, 8, 12, 13], [], RULE) == (0, None, None, 5, 5, 10, 10, 15)


def test_what_a_model_gives_is_taken_to_the_nearest_whole_number_first() -> None:
    assert protect([0.4, 0.5, 4.4, 4.5], [], RULE) == (0, None, None, 5)


def test_where_a_total_would_give_a_hidden_count_away_another_is_hidden_with_it() -> None:
    assert protect([17, 3, 6, 8], one_total(3), RULE) == (15, None, None, 10)


def test_what_is_nothing_hides_nobody() -> None:
    assert protect([12, 3, 9, 0], one_total(3), RULE) == (10, None, None, 0)


def test_a_cell_that_two_sums_share_is_hidden_in_both() -> None:
    need, region = release([by_need([(9,), (3,), (6,), (0,)]), by_region([9, 2, 7])], ABOUT)

    assert [row[-1] for row in need.rows] == [10, None, None, 0]
    assert [row[-1] for row in region.rows] == [10, None, None]


def test_what_does_not_add_up_gives_nothing_away_by_its_total() -> None:
    spread = Column("p90", "90 %", "A quantile.", adds_up=())
    counts = replace(by_need([(17,), (3,), (6,), (8,)]), columns=(spread,))

    (released,) = release([counts], ABOUT)

    assert [row[-1] for row in released.rows] == [15, None, 5, 10]


@pytest.mark.parametrize(("parts", "largest"), [(1, 40), (2, 30), (3, 18), (4, 13)])
def test_nobody_can_work_a_hidden_count_out_even_knowing_how_it_is_hidden(parts: int, largest: int) -> None:
    """Every table there is, by what is published of it: a hidden count could always have been another."""
    groups = one_total(parts)
    behind: dict[tuple[int | None, ...], list[tuple[int, ...]]] = defaultdict(list)
    for cells in itertools.product(range(largest), repeat=parts):
        whole = (sum(cells), *cells)
        behind[protect(whole, groups, RULE)].append(whole)

    given_away = [
        published
        for published, tables in behind.items()
        for place, cell in enumerate(published)
        if cell is None and len({table[place] for table in tables}) == 1
    ]

    assert given_away == []


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=2, max_size=10))
def test_no_hidden_count_follows_from_the_total_and_the_others(cells: list[int]) -> None:
    published = protect([sum(cells), *cells], one_total(len(cells)), RULE)

    total, parts = published[0], published[1:]
    hidden = [place for place, cell in enumerate(parts) if cell is None]
    assert all(parts[place] is None for place, cell in enumerate(cells) if 0 < cell < 5)
    assert all(cell is None or abs(cell - true) <= 2 for cell, true in zip(parts, cells, strict=True))
    if hidden and total is not None:
        assert len(hidden) >= 2
        seen = [cell for cell in parts if cell]
        least = max(total - 2, 5) - sum(cell + 2 for cell in seen)
        most = total + 2 - sum(max(cell - 2, 5) for cell in seen)
        assert most - max(least, len(hidden)) >= 1  # the hidden ones together could be two sums at least


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(0, 20), min_size=3, max_size=3), st.integers(0, 2), st.sampled_from([-1, 1]))
def test_from_one_month_to_the_next_the_change_of_one_household_is_not_seen(
    cells: list[int], place: int, change: int
) -> None:
    later = list(cells)
    later[place] = max(0, later[place] + change)
    first, second = (protect([sum(month), *month], one_total(3), RULE) for month in (cells, later))

    moves = [two - one for one, two in zip(first, second, strict=True) if one is not None and two is not None]

    assert all(move % 5 == 0 for move in moves)


def test_whoever_knows_of_the_one_change_between_two_releases_can_tell_which_keeps_real_cases_inside() -> (
    None
):
    """The limit of this control: 4 and then 5 households. It is why `require_outside` refuses real cases."""
    before, after = protect([4], [], RULE), protect([5], [], RULE)

    assert (before, after) == ((None,), (5,))


@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf")])
def test_what_is_no_count_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="counts: 0 or more is accepted"):
        protect([value], [], RULE)


@pytest.mark.parametrize("bad", [{"threshold": 4}, {"rounded_to": 1}])
def test_no_rule_hides_less_than_the_convention(bad: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="5 or more is accepted"):
        Rule(**bad)


@pytest.mark.parametrize("cell", [3, 7, -5, "12", 5.0])
def test_a_count_that_was_not_released_is_in_no_released_table(cell: object) -> None:
    (good,) = release([by_need([(9,)])], ABOUT)
    row = ("England", "all", NIGHT, cell)

    with pytest.raises(ValueError, match="rows: every count hidden, or rounded"):
        ReleasedTable(good.name, good.title, good.breakdown, good.columns, (row,), ABOUT, RULE)  # type: ignore[arg-type]


def test_a_table_has_the_keys_of_its_breakdown_and_no_others() -> None:
    (good,) = release([by_need([(9,)])], ABOUT)
    crossed = (*good.columns[:3], Column("age", "Age", "", counts=False), good.columns[3])

    with pytest.raises(ValueError, match="columns: the keys of the breakdown"):
        ReleasedTable(good.name, good.title, good.breakdown, crossed, (), ABOUT, RULE)


def test_a_csv_says_c_for_a_hidden_count_and_its_metadata_say_what_that_means() -> None:
    files = files_of(release([by_need([(9, 2), (3, 0), (6, 2)])], ABOUT), name="x", kind=Format.CSV)

    assert list(files) == ["by_need.csv", "by_need.csv-metadata.json"]
    assert files["by_need.csv"].decode().splitlines() == [
        "nation,need,night,needed,waiting",
        f"England,all,{NIGHT},10,[c]",
        f"England,women,{NIGHT},[c],0",
        f"England,men,{NIGHT},[c],[c]",
    ]
    metadata = json.loads(files["by_need.csv-metadata.json"])
    assert metadata["url"] == "by_need.csv"
    assert metadata["dc:source"] == ["Home Office: a table", "ours: an assumption"]
    assert metadata["dc:created"] == "2026-11-23T18:00:00+00:00"
    assert metadata["dc:hasVersion"] == "7"
    assert "SYNTHETIC" in metadata["dc:description"]
    assert metadata["tableSchema"]["columns"][3] == {
        "name": "needed",
        "titles": "Beds needed",
        "dc:description": "Beds for everybody who needs one, in the mean.",
        "datatype": {"base": "integer", "minimum": 0},
        "null": HIDDEN,
    }


def test_a_workbook_begins_with_what_is_to_be_known_and_has_a_sheet_a_table() -> None:
    tables = release([by_need([(9,), (3,), (6,)]), by_region([9, 2, 7])], ABOUT)

    content = files_of(tables, name="shortfall", kind=Format.XLSX)["shortfall.xlsx"]

    book = load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["Read this first", "by_need", "by_region"]
    told = [(row[0].value, row[1].value) for row in book["Read this first"].iter_rows()]
    assert ("As at", "2026-11-23T18:00:00+00:00") in told
    assert ("Model version", "7") in told
    assert ("Source", "ours: an assumption") in told
    assert (BEDS.label, BEDS.definition) in told
    assert [cell.value for cell in book["by_need"][3]] == ["England", "women", NIGHT, HIDDEN]
    assert [cell.value for cell in book["by_need"][2]][-1] == 10


def test_the_same_tables_give_the_same_bytes() -> None:
    tables = release([by_need([(9, 2), (3, 0), (6, 2)])], ABOUT)

    for kind in Format:
        assert files_of(tables, name="x", kind=kind) == files_of(tables, name="x", kind=kind)
    book = files_of(tables, name="x", kind=Format.XLSX)["x.xlsx"]
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        assert {part.date_time for part in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"2026-11-23T18:00:00Z" in archive.read("docProps/core.xml")


def test_a_parquet_file_has_counts_as_numbers_hidden_ones_as_nothing_and_its_metadata() -> None:
    (table,) = release([by_need([(9, 2), (3, 0), (6, 2)])], ABOUT)

    (content,) = files_of([table], name="x", kind=Format.PARQUET).values()

    read = parquet.read_table(io.BytesIO(content))
    assert read.column_names == ["nation", "need", "night", "needed", "waiting"]
    assert [list(row.values()) for row in read.to_pylist()] == [list(row) for row in table.rows]
    told = json.loads(read.schema.metadata[b"csvw"])
    assert told["dc:source"] == list(ABOUT.sources)
    assert read.schema.field("needed").metadata[b"definition"].decode() == BEDS.definition


@pytest.mark.parametrize("kind", Format)
def test_what_comes_from_real_cases_is_written_to_no_file(tmp_path: Path, kind: Format) -> None:
    about = About(ABOUT.as_at, Origin.REAL_CASES, "", "1", ())
    tables = release([by_need([(9,)])], about)

    with pytest.raises(StaysInside, match="stay inside this service until full disclosure control exists"):
        write_tables(tables, tmp_path / "out", name="x", kind=kind)
    assert list(tmp_path.iterdir()) == []


def test_files_are_for_their_owner_and_come_all_together(tmp_path: Path) -> None:
    tables = release([by_need([(9,)])], ABOUT)

    files = write_tables(tables, tmp_path / "a" / "b", name="x", kind=Format.CSV)

    assert [file.name for file in files] == ["by_need.csv", "by_need.csv-metadata.json"]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert files[0].read_bytes() == csv_of(tables[0])
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="--out: a folder that may be written is needed"):
        write_tables(tables, tmp_path / "file", name="x", kind=Format.CSV)
