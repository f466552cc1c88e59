"""What each mismatch costs, in points: settings that order answers equal in all else, never a rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Final


@dataclass(frozen=True, slots=True)
class MismatchPoints:
    """Points for each mismatch, whole numbers of 0 to 1,000 (`allocation.md` §4).

    Raises
    ------
    ValueError
        A number of points is out of range.
    """

    interim: int = 40
    language: int = 30
    region: int = 20
    security: int = 10
    step_free: int = 15
    services: int = 2
    beds: int = 8

    def __post_init__(self) -> None:
        """Check every number of points."""
        for kind in fields(self):
            if not 0 <= getattr(self, kind.name) <= 1000:
                raise ValueError(f"points for {kind.name}: a whole number from 0 to 1000 is accepted")

    def as_mapping(self) -> Mapping[str, int]:
        """Return the points by kind of mismatch."""
        return asdict(self)


MISMATCH_KINDS: Final = tuple(kind.name for kind in fields(MismatchPoints))
