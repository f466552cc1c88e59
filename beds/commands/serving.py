"""`serve`: the REST API of the database of the settings, and if asked the dashboard, by one process."""

from __future__ import annotations

import ipaddress
import socket
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from beds.errors import BadInput

if TYPE_CHECKING:
    from fastapi import FastAPI

    from beds.commands.both_doors import BothDoors
    from beds.services.desk import Desk

LOCAL = "127.0.0.1"
DEFAULT_PORT = 8000
SECONDS_TO_FINISH = 10
"""How long requests that are under way may take once the server is asked to stop."""
SWITCH_S = 0.0005
"""How long a thread computes before another has its turn: a tenth of what is usual, for short answers."""

Host = Annotated[
    str, typer.Option("--host", metavar="H", help="The address to listen on; this machine only by default.")
]
Port = Annotated[int, typer.Option("--port", metavar="P", min=1, max=65535, help="The port to serve on.")]


def serve(
    host: Host = LOCAL,
    port: Port = DEFAULT_PORT,
    dashboard: Annotated[
        bool, typer.Option("--dashboard", help="Serve the dashboard too, by the same process, at `/`.")
    ] = False,
) -> None:
    """Serve the REST API; tokens are made with `beds user add`."""
    from beds.services.desk import open_desk
    from beds.settings import load_settings

    settings = load_settings()
    # A refusal now is a sentence and an exit code; later it would be an answer nobody asked for.
    desk = open_desk(settings)
    try:
        _require_usable(host, port)
        if not _is_local(host):
            typer.echo("note: others can reach this address; put a proxy with TLS before it", err=True)
        where = f"http://{_in_url(host)}:{port}"
        typer.echo(f"The API: {where}/openapi.json (Ctrl-C ends it)", err=True)
        from beds.api.app import create_app

        app = create_app(settings, desk=desk)
        app.openapi()  # made now, and not while somebody waits
        if dashboard:
            typer.echo(f"The dashboard: {where}", err=True)
            _run(_with_pages(app, desk), host, port)
        else:
            _run(app, host, port)
    finally:
        desk.close()


def _with_pages(app: FastAPI, desk: Desk) -> BothDoors:
    from beds.commands.both_doors import BothDoors
    from beds.commands.dashboard import pages_folder
    from beds.services.desk import share_desk

    share_desk(desk)
    return BothDoors(app, pages_folder() / "app.py")


def _run(app: FastAPI | BothDoors, host: str, port: int) -> None:
    import uvicorn

    from beds.api.logs import LOG_CONFIG

    sys.setswitchinterval(SWITCH_S)
    uvicorn.run(
        app,
        host=host,
        port=port,
        workers=1,  # the compiled estate and the limits of callers are this process's own
        log_config=LOG_CONFIG,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # a caller's word about its own address is not taken
        timeout_graceful_shutdown=SECONDS_TO_FINISH,
    )


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _require_usable(host: str, port: int) -> None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            # As the server does: a port that has just been left counts as free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "no such address"
        raise BadInput(f"--host, --port: this address cannot be used ({reason}); choose another") from error
