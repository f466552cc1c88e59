"""Whether Ctrl-C came: a library that was being loaded then may have turned it into an error of its own."""

from __future__ import annotations

import signal
from types import FrameType
from typing import Final

INTERRUPTED: Final = 130
"""The exit code then: 128 + SIGINT, as shells have it."""


class _Came:
    by_now = False


def note_interrupts() -> None:
    """Keep in mind from now on that Ctrl-C came; it interrupts as ever. Where it is ignored, it stays so."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _note)


def was_interrupted() -> bool:
    """Return whether Ctrl-C came."""
    return _Came.by_now


def _note(number: int, frame: FrameType | None) -> None:
    _Came.by_now = True
    signal.default_int_handler(number, frame)
