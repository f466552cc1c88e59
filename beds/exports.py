"""Released tables as files: CSV or Parquet with its metadata, or a workbook that begins with what to know.

Only a `ReleasedTable` can be written. The same tables give the same bytes: no clock, no machine is in them.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from beds.disclosure import HIDDEN, KEYS, ReleasedTable, require_outside
from beds.errors import BadInput
from beds.folder import replace_all

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet
    from pydantic import JsonValue

PUBLISHER: Final = "beds, a service for survivors of trafficking in England and Scotland"
EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest date that a ZIP archive can hold: every part of a workbook has it."""
WIDEST: Final = 60
MOST_SHEET_NAME: Final = 31
"""Excel's own limit."""


class Format(StrEnum):
    """What a table is written as."""

    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"


def write_tables(
    tables: Sequence[ReleasedTable], folder: Path, *, name: str, kind: Format
) -> tuple[Path, ...]:
    """Write tables into a folder, made if need be, and return the files; all of them or none.

    CSV: a file a table, each with its metadata beside it. XLSX: one workbook of that name. Parquet: a file a
    table, with the same metadata in it.

    Raises
    ------
    StaysInside
        A table is made from real cases.
    BadInput
        The folder cannot be written.
    """
    contents = files_of(tables, name=name, kind=kind)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        replace_all({folder / file: content for file, content in contents.items()})
    except (OSError, ValueError) as error:
        raise BadInput("--out: a folder that may be written is needed") from error
    return tuple(folder / file for file in contents)


def files_of(tables: Sequence[ReleasedTable], *, name: str, kind: Format) -> dict[str, bytes]:
    """Return the files of an export by their names.

    Raises
    ------
    StaysInside
        A table is made from real cases.
    """
    for table in tables:
        require_outside(table)
    if kind is Format.XLSX:
        return {f"{name}.xlsx": workbook_of(tables, name=name)}
    if kind is Format.PARQUET:
        return {f"{table.name}.parquet": parquet_of(table) for table in tables}
    files: dict[str, bytes] = {}
    for table in tables:
        files[f"{table.name}.csv"] = csv_of(table)
        files[f"{table.name}.csv-metadata.json"] = metadata_of(table)
    return files


def csv_of(table: ReleasedTable) -> bytes:
    """Return a table as CSV in UTF-8 with LF; a hidden count is `[c]`."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.name for column in table.columns])
    writer.writerows([[_shown(cell) for cell in row] for row in table.rows])
    return text.getvalue().encode("utf-8")


def metadata_of(table: ReleasedTable) -> bytes:
    """Return what is to be known of a table's CSV (CSVW: Metadata Vocabulary for Tabular Data, W3C 2015)."""
    about = table.about
    columns: list[JsonValue] = [
        {
            "name": column.name,
            "titles": column.label,
            "dc:description": column.definition,
            **(
                {"datatype": {"base": "integer", "minimum": 0}, "null": HIDDEN}
                if column.counts
                else {"datatype": "date" if column.name == "night" else "string"}
            ),
        }
        for column in table.columns
    ]
    document: dict[str, JsonValue] = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en-GB"}],
        "url": f"{table.name}.csv",
        "dc:title": table.title,
        "dc:publisher": PUBLISHER,
        "dc:created": about.as_at.isoformat(),
        "dc:description": " ".join(table.notes),
        "dc:source": list(about.sources),
        "dc:hasVersion": about.model_version,
        "skos:note": [f"{code}: {meaning}" for code, meaning in about.vocabulary],
        "dialect": {"delimiter": ",", "encoding": "utf-8", "header": True, "lineTerminators": "\n"},
        "tableSchema": {
            "columns": columns,
            "primaryKey": [column.name for column in KEYS[table.breakdown]],
        },
    }
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode("utf-8")


def parquet_of(table: ReleasedTable) -> bytes:
    """Return a table as Parquet; a hidden count is null, the metadata of the CSV is under the key `csvw`."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    fields = [
        pa.field(
            column.name,
            pa.int64() if column.counts else pa.string(),
            nullable=column.counts,
            metadata={"label": column.label, "definition": column.definition},
        )
        for column in table.columns
    ]
    schema = pa.schema(fields, metadata={"csvw": metadata_of(table)})
    cells = list(zip(*table.rows, strict=True)) or [()] * len(fields)
    written = io.BytesIO()
    pq.write_table(pa.table([list(column) for column in cells], schema=schema), written)
    return written.getvalue()


def workbook_of(tables: Sequence[ReleasedTable], *, name: str) -> bytes:
    """Return tables as one XLSX workbook: what is to be known first, then a sheet a table."""
    from openpyxl import Workbook

    workbook = Workbook()
    workbook.iso_dates = True
    first = workbook.active
    assert first is not None
    first.title = "Read this first"
    _fill_first(first, tables, name)
    for table in tables:
        _fill_table(workbook.create_sheet(table.name[:MOST_SHEET_NAME]), table)
    return _always_the_same(workbook, tables)


def _fill_first(sheet: Worksheet, tables: Sequence[ReleasedTable], name: str) -> None:
    from openpyxl.styles import Font

    lines: list[tuple[str, str]] = [("Export", name), ("Publisher", PUBLISHER)]
    seen: set[tuple[str, str]] = set()
    for table in tables:
        about = table.about
        lines.append(("Table", f"{table.name}: {table.title}"))
        told = [
            ("As at", about.as_at.isoformat()),
            ("Model version", about.model_version),
            *(("Note", note) for note in table.notes),
            *(("Source", source) for source in about.sources),
            *(("Code", f"{code}: {meaning}") for code, meaning in about.vocabulary),
            *((column.label, column.definition) for column in table.columns),
        ]
        lines += [line for line in told if line not in seen]
        seen.update(told)
    for what, text in lines:
        sheet.append([what, text])
        sheet.cell(sheet.max_row, 1).font = Font(bold=True)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 24, 2 * WIDEST


def _fill_table(sheet: Worksheet, table: ReleasedTable) -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    sheet.append([column.label for column in table.columns])
    for place in range(1, len(table.columns) + 1):
        sheet.cell(1, place).font = Font(bold=True)
        sheet.cell(1, place).alignment = Alignment(wrap_text=True, vertical="top")
    for row in table.rows:
        sheet.append([HIDDEN if one is None else one for one in row])
    for place, column in enumerate(table.columns, start=1):
        widest = max([len(_shown(row[place - 1])) for row in table.rows], default=0)
        width = min(WIDEST, max(widest, len(column.label) if not column.counts else 12) + 2)
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.freeze_panes = f"{get_column_letter(len(KEYS[table.breakdown]) + 1)}2"


def _always_the_same(workbook: Workbook, tables: Sequence[ReleasedTable]) -> bytes:
    """Return a workbook's bytes without the time at which they were written."""
    written = io.BytesIO()
    workbook.save(written)
    # openpyxl puts the time of saving into the properties, whatever they say
    instant = max(table.about.as_at for table in tables).astimezone(UTC).replace(microsecond=0, tzinfo=None)
    same = io.BytesIO()
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(same, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.namelist():
            content = source.read(part)
            if part == "docProps/core.xml":
                content = _properties(instant)
            target.writestr(zipfile.ZipInfo(part, EPOCH), content, zipfile.ZIP_DEFLATED)
    return same.getvalue()


def _properties(instant: datetime) -> bytes:
    from openpyxl.packaging.core import DocumentProperties
    from openpyxl.xml.functions import tostring

    properties = DocumentProperties(creator="beds", created=instant, modified=instant)
    text: str | bytes = tostring(properties.to_tree())  # bytes, whatever its stub says
    return text.encode() if isinstance(text, str) else text


def _shown(cell: str | int | None) -> str:
    return HIDDEN if cell is None else str(cell)
