"""A service simulated: arrivals, waiting, holds, stays, closures and move-on under a policy, over arrays."""

from optimiser.simulation.laws import Exponential, Law, WholeNights
from optimiser.simulation.model import (
    Closures,
    Model,
    Policy,
    Profiles,
    Residents,
    Stream,
    Units,
    Waiting,
)
from optimiser.simulation.run import LOCAL, simulate
from optimiser.simulation.runs import Estimate, Runs, estimate, estimate_ratio

__all__ = [
    "LOCAL",
    "Closures",
    "Estimate",
    "Exponential",
    "Law",
    "Model",
    "Policy",
    "Profiles",
    "Residents",
    "Runs",
    "Stream",
    "Units",
    "Waiting",
    "WholeNights",
    "estimate",
    "estimate_ratio",
    "simulate",
]
