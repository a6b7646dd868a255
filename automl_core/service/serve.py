"""Starts the HTTP service in this process, until Ctrl-C or SIGTERM."""

from __future__ import annotations

import socket

import uvicorn
from starlette.applications import Starlette

from automl_core.errors import SpecError

LOCAL = ("localhost", "127.0.0.1", "[::1]")
EVERYWHERE = ("0.0.0.0", "::")  # the user asks for it by name
LONGEST_IDLE = 30  # seconds for which a connection that says nothing is kept


def allowed_hosts(host: str) -> tuple[str, ...]:
    """The names under which a service at this address answers: any where all may reach it."""
    return ("*",) if host in EVERYWHERE else (*LOCAL, host)


def serve(app: Starlette, host: str, port: int) -> None:
    """Answer requests until the process is told to end; SpecError where the port cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
        except OSError as error:
            raise SpecError(
                f"The service cannot listen on {host}, port {port}: {error.strerror or error}.",
                "Choose another one with --port.",
            ) from error
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, timeout_keep_alive=LONGEST_IDLE
        )
        uvicorn.Server(config).run([listening])
