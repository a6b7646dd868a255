"""Addresses beside those of pages: `/healthz` for whoever restarts, `/metrics` for Prometheus."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from automl_core.files import workspace
from automl_core.runs import get_manager, look_at_health
from pages.components.server.metrics import metrics_text

PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


def healthz(_: Request) -> Response:
    """200 while the process can do its work, else 503; both say what was looked at."""
    manager = get_manager()
    health = look_at_health(workspace(), manager.workers(), manager.state())
    parts = {"workspace": health.workspace or "ok", "workers": health.workers or "ok"}
    words = {"status": "not ok" if health.reasons else "ok"} | parts
    return JSONResponse(words, 503 if health.reasons else 200)


def metrics(_: Request) -> Response:
    """The metrics of this process."""
    return PlainTextResponse(metrics_text(), media_type=PROMETHEUS)


# Not async: Starlette then answers in a thread of its own, and pages do not wait for the disk.
ROUTES = [Route("/healthz", healthz), Route("/metrics", metrics)]
