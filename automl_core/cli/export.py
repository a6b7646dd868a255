"""`export`: a run's model as a file that works on its own."""

from __future__ import annotations

import argparse

from automl_core.cli.models import find_model
from automl_core.cli.tables import write_path
from automl_core.runs import bundle_of
from automl_core.words import size


def run_export(arguments: argparse.Namespace) -> int:
    """Write the bundle; RunError where there is no such run or model."""
    reader, trial = find_model(arguments.run, arguments.model)
    data = bundle_of(reader.folder, trial)
    write_path(arguments.out, data)
    print(f"{trial.name} written to {arguments.out} ({size(len(data))})")
    return 0
