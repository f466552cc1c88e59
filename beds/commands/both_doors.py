"""The API and the dashboard as one application: what is the API's goes there, everything else to the pages.

Each keeps its own guards, headers and limits; they share the desk, and so the engine and the compiled estate.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.types import ASGIApp, Receive, Scope, Send

OF_THE_API: Final = ("/v1", "/openapi.json", "/healthz", "/readyz")


class BothDoors:
    """One application of two: the API's lifespan runs within that of the pages."""

    def __init__(self, api: FastAPI, app_file: Path) -> None:
        """Start nothing yet."""
        from starlette.applications import Starlette
        from streamlit.starlette import App

        self._api: ASGIApp = api
        self._pages = App(app_file)
        pages_live = self._pages.lifespan()

        @asynccontextmanager
        async def lifespan(outer: Starlette) -> AsyncIterator[None]:
            async with pages_live(outer), api.router.lifespan_context(api):
                yield

        self._lives = Starlette(lifespan=lifespan)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request to whom it is for."""
        if scope["type"] == "lifespan":
            await self._lives(scope, receive, send)
        elif scope["type"] == "http" and is_of_the_api(scope["path"]):
            await self._api(scope, receive, send)
        else:
            await self._pages(scope, receive, send)


def is_of_the_api(path: str) -> bool:
    """Return whether the API answers at a path.

    Examples
    --------
    >>> is_of_the_api("/v1/holds"), is_of_the_api("/v1x"), is_of_the_api("/round")
    (True, False, False)
    """
    return any(path == own or path.startswith(f"{own}/") for own in OF_THE_API)
