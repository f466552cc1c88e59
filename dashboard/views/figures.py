"""Figures that may leave: released tables with definitions, sources and as-at, to look at and to download."""

from typing import Any

import streamlit as st

from beds.errors import BedsError
from beds.roles import Permission
from beds.services.exports import EXPORTS, Format, files_of
from beds.services.forecast_documents import table_document
from beds.services.forecast_orders import export_at
from beds.services.released import SHORTFALL
from beds.services.released_occupancy import OCCUPANCY
from dashboard.components import empty_state, page_head, say, section, source_of_records
from dashboard.forecast_reading import KEYS, caption_released, show_released
from dashboard.language import spoken, t
from dashboard.refusals import show_refusal
from dashboard.session import turn, visitor

TABLES = "figures-tables"
NATIONS = ("England", "Scotland")
TITLES = {SHORTFALL: "Shortfall", OCCUPANCY: "Occupancy"}


def show_page() -> None:
    """Let the tables be made, shown and downloaded."""
    visitor(Permission.SEE_RELEASED)
    page_head(t("Figures"), t("Shortfall and occupancy, as they may be published."))
    say(
        t(
            "Fixed breakdowns only: nation by need, and region. Counts of 1 to 4 are hidden, with any "
            "that would give one away; the others are rounded to 5."
        )
    )
    name = st.segmented_control(
        t("What"), list(EXPORTS), default=next(iter(EXPORTS)), format_func=spoken(TITLES), required=True
    )
    name = str(name or next(iter(EXPORTS)))
    say(t(EXPORTS[name]))
    made: dict[str, Any] = st.session_state.setdefault(TABLES, {})
    if st.button(t("Make the tables from the records as they are"), type="primary"):
        try:
            with st.spinner(t("Making the tables: some seconds.")):
                with turn() as now:
                    make = export_at(now, name)
                made[name] = make()
        except BedsError as refusal:
            show_refusal(refusal)
    tables = made.get(name)
    if not tables:
        empty_state(t("No tables were made in this visit."), t("Make them: it takes some seconds."))
        return
    _downloads(name, tables)
    nation = st.selectbox(t("Nation"), NATIONS, format_func=t)
    for of_columns in _by_columns(tables):
        for table in of_columns:
            show_released(table_document(table), nation=nation)
        source = source_of_records() if name == OCCUPANCY else ""
        caption_released(table_document(of_columns[0]), source=source)
    section(t("Sources"))
    for source in dict.fromkeys(source for table in tables for source in table.about.sources):
        say(t(source))


def _by_columns(tables: Any) -> list[list[Any]]:
    """Return the tables of the same columns together: one caption goes with all of them."""
    found: dict[tuple[str, ...], list[Any]] = {}
    for table in tables:
        found.setdefault(tuple(column.label for column in table.columns[KEYS:]), []).append(table)
    return list(found.values())


def _downloads(of: str, tables: Any) -> None:
    """Offer every file of the release: each table with its metadata, and the workbook."""
    section(
        t("Downloads"), t("Each CSV has its definitions and sources beside it as CSV on the Web metadata.")
    )
    for place, kind in enumerate((Format.XLSX, Format.CSV)):
        for name, content in files_of(tables, name=of, kind=kind).items():
            st.download_button(
                t("Download {name}", name=name),
                content,
                file_name=name,
                on_click="ignore",
                key=f"download-{place}-{name}",
            )


show_page()
