"""The run in progress in words: the title of the browser's tab."""

from __future__ import annotations

from dataclasses import replace

import pytest

from automl_core.runs import RunSummary
from automl_core.types import RunStatus
from pages.components.shared import activity

RUN = RunSummary(
    "run-a", "", "churn.csv", "left", "binary", "roc_auc", RunStatus.RUNNING, 0.9, "mlp-1", 0.0,
    "30 s", 4, trials_done=0.5,
)  # fmt: skip


@pytest.mark.parametrize(
    ("page", "run", "title"),
    [
        ("Home", None, "Torchlight"),
        ("Data", None, "Data · Torchlight"),
        ("Train", RUN, "50 % · churn.csv – Torchlight"),
        ("Data", RUN, "50 % · Data – Torchlight"),
        ("Data", replace(RUN, status=RunStatus.WAITING), "Data · Torchlight"),
        ("Data", replace(RUN, status=RunStatus.PAUSED), "Paused · 50 % · Data – Torchlight"),
        ("Train", replace(RUN, name="no zip"), "50 % · no zip – Torchlight"),
    ],
)
def test_the_tab_says_how_far_the_run_is(page: str, run: RunSummary | None, title: str) -> None:
    assert activity.tab_title(page, run) == title
