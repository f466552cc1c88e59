"""What is sent and answered about forecasts, comparisons and exports."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import ConfigDict, Field, StrictInt
from pydantic.config import JsonDict

from beds.api.schemas.shapes import Answer, Body, Ref
from beds.domain.terms import RunKind
from beds.services.forecasts import LEAST_DRAWS, MOST_DRAWS, MOST_SEED
from beds.services.planning import MOST_SCENARIOS

MOST_REPLICATIONS: Final = 100
"""More is for the command line: the serving machine has other things to do."""
A_RUN: Final[JsonDict] = {
    "run_id": "forecast-0a1b2c3d4e",
    "kind": "forecast",
    "as_at": "2026-03-03T02:00:00Z",
    "recorded_at": "2026-03-03T02:00:04Z",
    "made_by": "user-0a1b2c3d4e",
    "seed": 0,
    "model_version": "1",
}
A_TABLE: Final[JsonDict] = {
    "name": "shortfall_now_by_need",
    "title": "Beds by nation and need, on the night of the forecast",
    "columns": [{"name": "nation", "label": "Nation", "definition": "Where the need is."}],
    "rows": [["England"]],
    "as_at": "2026-11-23T18:00:00+00:00",
    "model_version": "1",
    "origin": "synthetic",
    "notes": ["SYNTHETIC: the cases it is made from are invented; nobody in it exists."],
    "sources": ["Home Office"],
    "vocabulary": {"women": "Women"},
}


class ForecastBody(Body):
    """What is asked: one scenario for a forecast, several for a comparison; with replications, simulated."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"scenarios": ["as_on_record", "recovery_90"], "seed": 1}]}
    )

    scenarios: Annotated[list[Ref], Field(min_length=1, max_length=MOST_SCENARIOS)] = Field(
        default=["as_on_record"], description="References of saved scenarios, or names of shipped ones."
    )
    replications: Annotated[StrictInt, Field(ge=2, le=MOST_REPLICATIONS)] | None = Field(
        default=None, description="Simulate the scenarios under the real rules, so often each."
    )
    draws: Annotated[StrictInt, Field(ge=LEAST_DRAWS, le=MOST_DRAWS)] | None = None
    seed: Annotated[StrictInt, Field(ge=0, le=MOST_SEED)] | None = None


class RunMadeAnswer(Answer):
    """A run that was made and is kept."""

    model_config = ConfigDict(json_schema_extra={"example": A_RUN})

    run_id: str
    kind: RunKind
    as_at: datetime
    recorded_at: datetime
    made_by: str
    seed: int
    model_version: str


class SupposedAnswer(Answer):
    """The name and the title of a scenario that was used."""

    name: str
    title: str


class RunLineAnswer(RunMadeAnswer):
    """A run in a list, with the scenarios that it used."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {**A_RUN, "scenarios": [{"name": "as_on_record", "title": "As things stand"}]}
        }
    )

    scenarios: list[SupposedAnswer]


class RunAnswer(Answer):
    """A run and its document: the fields of `beds forecast --json`, for those who see no case."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "line": {**A_RUN, "scenarios": [{"name": "as_on_record", "title": "As things stand"}]},
                "document": {"schema_version": 1, "kind": "forecast", "lines": []},
            }
        }
    )

    line: RunLineAnswer
    document: dict[str, Any]


class ColumnAnswer(Answer):
    """A column of a released table, with its definition."""

    name: str
    label: str
    definition: str


class TableAnswer(Answer):
    """A released table: a hidden count is `[c]`."""

    model_config = ConfigDict(json_schema_extra={"example": A_TABLE})

    name: str
    title: str
    columns: list[ColumnAnswer]
    rows: list[list[str | int]]
    as_at: datetime
    model_version: str
    origin: str
    notes: list[str]
    sources: list[str]
    vocabulary: dict[str, str]


class ExportAnswer(Answer):
    """An export: its tables, each with what is to be known of it."""

    model_config = ConfigDict(json_schema_extra={"example": {"name": "shortfall", "tables": [A_TABLE]}})

    name: str
    tables: list[TableAnswer]
