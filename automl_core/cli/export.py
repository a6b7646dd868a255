"""`export`: a run's model as a file that works on its own."""

from __future__ import annotations

import argparse
from typing import Any

from automl_core.cli.models import find_model
from automl_core.cli.tables import write_path
from automl_core.export.bundle import write_bundle
from automl_core.runs.spec import RunSpec
from automl_core.runs.state import Trial


def run_export(arguments: argparse.Namespace) -> int:
    """Write the bundle; RunError where there is no such run or model."""
    reader, trial = find_model(arguments.run, arguments.model)
    files = reader.folder.model_files(trial.number)
    data = write_bundle(files, bundle_info(reader.spec, trial))
    write_path(arguments.out, data)
    print(f"{trial.name} written to {arguments.out} ({len(data) / 1000:,.0f} kB)")
    return 0


def bundle_info(spec: RunSpec, trial: Trial) -> dict[str, Any]:
    """What the manifest says about the model, for people."""
    return {
        "model": trial.name,
        "family": trial.family,
        "task": spec.task,
        "target": spec.target,
        "metric": spec.metric,
        "score": trial.score,
        "table": spec.table.name,
        "rows": spec.table.rows,
    }
