"""How the server logs: to standard error, a line an event, and of an exception its place only.

Configured here and nowhere else, and only by `beds serve`.
"""

from __future__ import annotations

import logging
from types import TracebackType
from typing import Any, Final

from beds.api.guard import place_of

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class PlaceOnly(logging.Formatter):
    """Writes where an exception came from, and not what it says: that may be about a person."""

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802 the name is logging's own
        """Return the place of an exception."""
        return place_of(ei[1]) if ei[1] is not None else ""


LOG_CONFIG: Final[dict[str, Any]] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "beds.api.logs.PlaceOnly", "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s"}
    },
    "handlers": {
        "standard_error": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "stream": "ext://sys.stderr",
        }
    },
    "loggers": {
        "beds": {"handlers": ["standard_error"], "level": "INFO", "propagate": False},
        "uvicorn": {"handlers": ["standard_error"], "level": "INFO", "propagate": False},
        # Its own access log would write whole addresses, queries and all: ours is `beds.api.access`.
        "uvicorn.access": {"handlers": [], "level": "CRITICAL", "propagate": False},
    },
    "root": {"handlers": ["standard_error"], "level": "WARNING"},
}
