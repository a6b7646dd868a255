"""The model of this folder behind HTTP: `python service.py --host 127.0.0.1 --port 8000`.

POST /predict {"rows": [{"column": value, ...}, ...], "extras": false}; GET /health, /schema,
/openapi.json, /docs. Needs what requirements-service.txt lists.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from fastapi import FastAPI

from automl_core.errors import AutoMLError
from automl_core.onnx_export.scorer.onnx_model import open_model
from automl_core.onnx_export.scorer.onnx_rows import OnnxRows
from automl_core.onnx_export.scorer.scoring_error import ScoringError
from automl_core.onnx_export.scorer.training import read_training
from automl_core.service import MergedRequests, allowed_hosts, make_app, serve

HERE = Path(__file__).parent


def main(arguments: Sequence[str]) -> int:
    """Answer until the process is told to end; 2 with a message where that is not possible."""
    parser = argparse.ArgumentParser(prog="service.py", description="Answer over HTTP.")
    parser.add_argument("--host", default="127.0.0.1", help="0.0.0.0: any address")
    parser.add_argument("--port", type=int, default=8000)
    words = "columns that a row lacks count as empty instead of being an error"
    parser.add_argument("--allow-missing", action="store_true", help=words)
    asked = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING)
    try:
        model, training = open_model(HERE / "model.onnx"), read_training(HERE)
        predictor = OnnxRows(model, training, asked.allow_missing)
        app = make_app(MergedRequests(predictor), allowed_hosts(asked.host), FastAPI)
        print(f"{predictor.name}: http://{asked.host}:{asked.port}", flush=True)
        serve(app, asked.host, asked.port)
    except (OSError, ScoringError, AutoMLError) as error:
        print(f"The service cannot start: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:  # Ctrl-C, once every request that had come is answered
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
