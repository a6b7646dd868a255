"""`report`: one HTML file on a model of a run."""

from __future__ import annotations

import argparse
from pathlib import Path

from automl_core.cli.models import find_model
from automl_core.cli.tables import write_path
from automl_core.files import workspace
from automl_core.words import size


def run_report(arguments: argparse.Namespace) -> int:
    """Write the report; RunError where there is no such run or model."""
    from automl_core.report import build_report, report_page

    reader, trial = find_model(arguments.run, arguments.model)
    out: Path = arguments.out or Path(f"{trial.name}-{reader.folder.path.name}.html")
    data = report_page(build_report(reader.folder, workspace(), trial.name)).encode()
    write_path(out, data)
    print(f"Report on {trial.name} written to {out} ({size(len(data))})")
    return 0
