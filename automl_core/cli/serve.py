"""`serve`: answer requests over HTTP with a run's model or a downloaded one."""

from __future__ import annotations

import argparse

from automl_core.cli.models import model_with_reference
from automl_core.cli.text import printable


def run_serve(arguments: argparse.Namespace) -> int:
    """Serve until Ctrl-C; ModelError where the model is damaged, SpecError for a taken port."""
    from automl_core.scoring import make_scorer
    from automl_core.service import MergedRequests, ModelRows, allowed_hosts, make_app, serve

    scorer = make_scorer(model_with_reference(arguments.source, arguments.model))
    predictor = ModelRows(scorer, arguments.allow_missing)
    app = make_app(MergedRequests(predictor), allowed_hosts(arguments.host))
    address = f"http://{arguments.host}:{arguments.port}"
    print(printable(f"{predictor.name}: {address}   (end it with Ctrl-C)"), flush=True)
    serve(app, arguments.host, arguments.port)
    return 0
