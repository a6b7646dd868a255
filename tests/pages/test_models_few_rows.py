"""The quality of a model by rows that say next to nothing: words, and no number without meaning."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from automl_core.runs.record.folder import RunFolder
from automl_core.types import RunStatus, Task
from pages.components.shared import text
from tests.finished_run import make_run
from tests.pages.conftest import Open
from tests.pages.test_models import PAGE, RUN, texts

Case = tuple[Task, np.ndarray, np.ndarray]
NAN = float("nan")


def two(positive: list[float], other: list[float]) -> Case:
    found = np.array([*positive, *other])
    y = np.array([1] * len(positive) + [0] * len(other))
    return "binary", y, np.column_stack([1 - found, found])


def three(y: list[int], seed: int = 0) -> Case:
    return "multiclass", np.array(y), np.random.default_rng(seed).dirichlet(np.ones(3), len(y))


def values(y: list[float], prediction: list[float]) -> Case:
    return "regression", np.array(y), np.array(prediction)


CASES: dict[str, Case] = {
    "one of 200": two([0.7], np.linspace(0, 1, 199).tolist()),
    "not numbers": two([NAN] * 30, [0.1] * 30),
    "class of one": three([0] * 100 + [1] * 99 + [2]),
    "only class": three([2] * 50),
    "one value": values([3.0], [2.0]),
    "endless": values(np.arange(200.0).tolist(), [np.inf, *np.arange(199.0).tolist()]),
}


def put(folder: RunFolder, case: Case) -> None:
    _, y, prediction = case
    stored = io.BytesIO()
    np.savez(stored, rows=np.arange(len(y)), y=y, prediction=prediction)
    for trial in (0, 1, 2):
        folder.write({f"trials/{trial}/oof.npz": stored.getvalue()})


SAID = {
    "one of 200": "Only 1 of them is “yes”: what is said of it here is a guess.",
    "not numbers": "Of 60 unseen rows the model predicts no number for 30",
    "class of one": "Only 1 of them is “20”",
    "only class": "There is no curve, because the unseen rows are all of one class.",
    "one value": "1 unseen row can say no interval that keeps what it promises: 100 are needed.",
    "endless": "Of 200 unseen rows the model predicts no number for 1",
}


@pytest.mark.parametrize("name", SAID)
def test_words_and_no_traceback(name: str, workspace: Path, open_page: Open) -> None:
    case = CASES[name]
    put(make_run(workspace, RUN, case[0], RunStatus.STOPPED), case)
    page = open_page(PAGE, run=RUN, model="lightgbm-1")
    assert not page.exception and not page.error
    assert text.escape_markdown(SAID[name]) in texts(page) or SAID[name] in texts(page)
