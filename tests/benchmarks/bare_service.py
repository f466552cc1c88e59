"""The framework and its server with nothing in them: what any answer costs. `python -m … PORT`."""

from __future__ import annotations

import sys

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI(openapi_url=None)


class Nothing(BaseModel):
    """An answer that says nothing, of the size of a short one."""

    items: list[str] = ["nothing"] * 20
    next: str | None = None


@app.get("/nothing", response_model=Nothing)
def read_nothing() -> Nothing:
    """Return nothing, in a thread like every endpoint of ours."""
    return Nothing()


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=False, log_level="warning")
