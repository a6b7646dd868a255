"""A person's request for a run: names and words, not yet checked against the table.

`runs/setup/spec_builder.py` checks it against the table and makes the RunSpec of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from automl_core.metrics import METRICS
from automl_core.runs.record.option_schema import Choice, option
from automl_core.runs.record.options import RunOptions
from automl_core.table import Role, TableInfo


@dataclass(frozen=True)
class TrainRequest:
    """The target, the task and the metric, which "auto" leaves to the table, and the options."""

    target: str
    options: RunOptions = RunOptions()  # noqa: RUF009 - immutable
    task: Literal["auto", "binary", "multiclass", "regression"] = option(
        "auto",
        "The kind of prediction.",
        "Task",
        choices={
            "auto": Choice("Automatic"),
            "binary": Choice("Binary", "two classes"),
            "multiclass": Choice("Multiclass", "several classes"),
            "regression": Choice("Regression", "a number"),
        },
    )
    positive: str | None = option(
        None,
        "The class whose probability is looked at: the event that you want to find.",
        "Positive class",
        metavar="LABEL",
    )
    metric: str = option(
        "auto",
        "Metric that models are compared by.",
        "Metric",
        choices={"auto": Choice("Automatic")} | {m: Choice(METRICS[m].title) for m in METRICS},
    )
    roles: tuple[tuple[str, Role], ...] = ()  # (column, role), later ones win
    test: TableInfo | None = None  # a stored table that is the test set, instead of a share
