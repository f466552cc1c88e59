"""A judge of what a simulation did: who was where on which nights, looked at unit by unit, with no engine."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from optimiser.simulation import Model
from optimiser.simulation.draws import Cast, draw_cast
from optimiser.simulation.engine import Engine
from optimiser.simulation.log import Log
from optimiser.simulation.replicating import Prepared


@dataclass(frozen=True)
class Played:
    """One replication with everything that happened."""

    model: Model
    cast: Cast
    log: Log


def play(model: Model, seed: int = 1) -> Played:
    """Run a model once and keep what happened."""
    cast = draw_cast(model, np.random.SeedSequence(seed))
    return Played(model, cast, Engine(model, Prepared.of(model).tables, cast).play())


def faults(played: Played) -> list[str]:
    """Return what is wrong with new stays: with the unit, its beds, who else is there, its dates."""
    model, log, residents = played.model, played.log, played.cast.residents
    found = []
    in_unit: dict[int, list[int]] = defaultdict(list)
    for stay, unit in enumerate(log.unit):
        in_unit[unit].append(stay)
    for stay in range(residents, len(log.who)):
        unit, profile = log.unit[stay], int(played.cast.profile[log.who[stay]])
        if not model.profiles.suitable[profile, unit]:
            found.append(f"stay {stay} is in a unit that does not suit")
        if log.placed[stay] + model.profiles.notice[profile] > model.units.closes[unit]:
            found.append(f"stay {stay} begins too shortly before the unit closes")
        if log.placed[stay] <= model.units.opens[unit] - 1:
            found.append(f"stay {stay} begins before the unit opens")
        if log.leaves[stay] - log.placed[stay] > model.units.max_stay[unit] + model.hold_days + 1e-9:
            found.append(f"stay {stay} is longer than the unit allows")
    for unit, stays in in_unit.items():
        found += [f"unit {unit}: {fault}" for fault in _together(played, unit, stays)]
    return found


def _together(played: Played, unit: int, stays: list[int]) -> list[str]:
    """Look at a unit whenever somebody new comes into it."""
    model, log, residents = played.model, played.log, played.cast.residents
    found = []
    for stay in stays:
        if stay < residents:
            continue
        now = log.placed[stay]
        there = [other for other in stays if log.placed[other] <= now < log.leaves[other]]
        profiles = [int(played.cast.profile[log.who[other]]) for other in there]
        singles = [int(model.profiles.singles[profile]) for profile in profiles]
        babies = sum(int(model.profiles.under_twos[profile]) for profile in profiles)
        if sum(singles) + max(babies - int(model.units.cots[unit]), 0) > int(model.units.singles[unit]):
            found.append(f"too few beds at {now}")
        if not model.units.shared[unit] and len(there) > 1:
            found.append(f"more than one household at {now}")
        genders = {int(model.profiles.sharing_class[profile]) for profile in profiles}
        if model.units.shared[unit] and (len(genders) > 1 or 0 in genders):
            found.append(f"more than one gender at {now}")
    return found
