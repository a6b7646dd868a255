"""A run's model as the zip that a user takes away; the same from page, command line and Python."""

from __future__ import annotations

from typing import Any

from automl_core.export import write_bundle
from automl_core.runs.record import RunFolder, Trial, load_refit


def bundle_of(folder: RunFolder, trial: Trial) -> bytes:
    """The zip bundle of a model of the run, the ensemble too; RunError where it left none."""
    return write_bundle(folder.model_files(trial.number), bundle_info(folder, trial))


def bundle_info(folder: RunFolder, trial: Trial) -> dict[str, Any]:
    """The description of the model in the manifest, for people."""
    spec, refit = folder.spec(), load_refit(folder)
    refitted = refit is not None and refit.model == trial.number
    more = {"fitted": "once more on all rows; the score is from before that"} if refitted else {}
    return more | {
        "model": trial.name,
        "family": trial.family,
        "task": spec.task,
        "target": spec.target,
        "metric": spec.metric,
        "score": trial.score,
        "table": spec.table.name,
        "rows": spec.table.rows,
    }
