"""Builders of models to simulate: single beds for single people, of which a test states what it is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from optimiser.simulation import (
    Closures,
    Exponential,
    Law,
    Model,
    Profiles,
    Residents,
    Stream,
    Units,
    Waiting,
)

ENDLESS = float("inf")
WOMEN, MEN = 1, 2


def ints(values: ArrayLike) -> np.ndarray[Any, Any]:
    """Return whole numbers as an array."""
    return np.array(values, dtype=np.int64).reshape(-1)


def floats(values: ArrayLike) -> np.ndarray[Any, Any]:
    """Return numbers as an array."""
    return np.array(values, dtype=np.float64).reshape(-1)


def flags(values: ArrayLike) -> np.ndarray[Any, Any]:
    """Return yes or no as an array."""
    return np.array(values, dtype=np.bool_).reshape(-1)


def profiles(suitable: ArrayLike, **changes: Any) -> Profiles:
    """Return one woman a row, each a group of her own, with the units that suit her."""
    suits = np.array(suitable, dtype=np.bool_)
    many = len(suits)
    return Profiles(
        **{
            "singles": ints([1] * many),
            "under_twos": ints([0] * many),
            "sharing_class": ints([WOMEN] * many),
            "tier": ints([2] * many),
            "nights": ints([30] * many),
            "notice": ints([28] * many),
            "suitable": suits,
            "mismatch": np.zeros(suits.shape, dtype=np.int32),
            "groups": np.eye(many, dtype=np.bool_),
            **changes,
        }
    )


def units(count: int, groups: int = 1, **changes: Any) -> Units:
    """Return units of one single bed each, open for good, that count in every group."""
    return Units(
        **{
            "singles": ints([1] * count),
            "cots": ints([0] * count),
            "shared": flags([False] * count),
            "opens": floats([-ENDLESS] * count),
            "closes": floats([ENDLESS] * count),
            "max_stay": floats([ENDLESS] * count),
            "groups": np.ones((count, groups), dtype=np.bool_),
            **changes,
        }
    )


def residents(*units_lived_in: int, **changes: Any) -> Residents:
    """Return a resident of the first profile in each of these units, since last night."""
    many = len(units_lived_in)
    return Residents(
        **{
            "profile": ints([0] * many),
            "unit": ints(units_lived_in),
            "singles": ints([1] * many),
            "cots": ints([0] * many),
            "stream": ints([0] * many),
            "so_far": floats([1] * many),
            "arrives": floats([0] * many),
            "held": flags([False] * many),
            "leaves": floats([np.nan] * many),
            "stays_as": np.arange(many),
            **changes,
        }
    )


def waiting(*waited: float, **changes: Any) -> Waiting:
    """Return households of the first profile that have waited for so many days."""
    many = len(waited)
    return Waiting(
        **{
            "profile": ints([0] * many),
            "stream": ints([0] * many),
            "waited": floats(waited),
            "joins": floats([0] * many),
            **changes,
        }
    )


def closures(*rows: tuple[int, float, float]) -> Closures:
    """Return single beds that go out of service: unit, first night, first night after."""
    return Closures(
        unit=ints([row[0] for row in rows]),
        is_cot=flags([False] * len(rows)),
        starts=floats([row[1] for row in rows]),
        ends=floats([row[2] for row in rows]),
    )


def a_model(
    suitable: ArrayLike = ((True,),),
    *,
    rates: Sequence[float] = (0.0,),
    stay: Law | None = None,
    days: int = 30,
    **changes: Any,
) -> Model:
    """Return a model of profiles that suit some units, each with its own daily rate, as one stream."""
    suits = np.array(suitable, dtype=np.bool_)
    many, places = suits.shape
    weights = floats(rates)
    stream = Stream(
        label="all",
        rates=np.full((1, days), weights.sum()),
        profiles=np.arange(many),
        weights=weights,
        stays=(stay or Exponential(10.0),),
        law_of=ints([0]),
    )
    return Model(
        **{
            "profiles": profiles(suits),
            "units": units(places, many),
            "closures": closures(),
            "residents": residents(),
            "waiting": waiting(),
            "streams": (stream,),
            "group_labels": tuple(f"group {n}" for n in range(many)),
            "days": days,
            **changes,
        }
    )


def a_queue(servers: int, *, rate: float, stay: Law, days: int, **changes: Any) -> Model:
    """Return one kind of household and so many beds that all suit it."""
    return a_model(np.ones((1, servers)), rates=(rate,), stay=stay, days=days, **changes)
