"""Explanations on the page: seconds to the first picture, to the whole, and to a changed field.

    python -m tests.benchmarks.explanation [--budget 60] [--changes 12]

A run on adult is trained. On Models its final model is explained: from the press of the button to
the first picture, and to the end. On Predict fields of a row are changed: from the new value to the
new prediction shown. Then permutation importance of the same model against scikit-learn's own: the
same rows and permutations, their difference, and the ratio of the seconds.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page, expect
from sklearn.inspection import permutation_importance
from sklearn.metrics import roc_auc_score

from automl_core.explain.column_importance import importance, losses_of
from automl_core.explain.sample import Part, Sample
from automl_core.export import ChangedRows, Predictor, load_predictor
from automl_core.runs.record import RunFolder, RunReader
from automl_core.runs.setup import prepare_run_data
from automl_core.table import TypedColumn, TypedTable, open_table, take_rows
from automl_core.table.parsing import parse_table
from pages.components.shared import A_ROW
from tests.benchmarks import figures
from tests.browser import chromium, steps
from tests.browser.server import Server

FIRST, WHOLE, CHANGE = 3.0, 40.0, 0.4  # targets: seconds
AGAINST, REPEATS = 2_000, 3  # rows and permutations that scikit-learn is given
MOST_APART = 1e-6
LOOK = 6_000  # milliseconds that a person looks at a page before the button is pressed
PAUSE = 1_500  # and between two changes of a field
AGES = ("25", "60")
RUN = "adult"

Values = NDArray[np.float64]


def explain(page: Page, url: str) -> tuple[float, float, bool]:
    """Seconds to the first picture and to the end, and whether the time sufficed for all."""
    steps.visit(page, url, f"models?{urlencode({'run': RUN})}")
    page.get_by_role("tab", name="What it learned").click()
    expect(steps.key(page, "explain_start").locator("button")).to_be_enabled(timeout=60_000)
    page.wait_for_timeout(LOOK)
    began = time.perf_counter()
    steps.press(page, "explain_start")
    picture = steps.key(page, "explain_importance").locator(".js-plotly-plot .main-svg").first
    picture.wait_for(timeout=60_000)
    first = time.perf_counter() - began
    steps.key(page, "explain_pairs").wait_for(timeout=120_000)
    whole = time.perf_counter() - began
    return first, whole, page.get_by_text("The time was over before").count() == 0


def change_fields(page: Page, url: str, changes: int) -> list[float]:
    """Seconds from a new age to the new prediction."""
    steps.visit(page, url, f"predict?{urlencode({'run': RUN, **A_ROW})}")
    answer = steps.key(page, "row_answer")
    expect(answer).to_contain_text("%", timeout=60_000)
    field = page.get_by_role("spinbutton", name="age")
    found = []
    for number in range(changes + 1):
        page.wait_for_timeout(PAUSE)
        field.fill(AGES[number % 2])
        before = answer.inner_text()
        began = time.perf_counter()
        field.press("Enter")
        page.wait_for_function(
            "before => { const now = document.querySelector('.st-key-row_answer')?.innerText;"
            "return now && now.includes('%') && now !== before }",
            arg=before,
        )
        found.append(time.perf_counter() - began)
    return found[1:]  # nobody's first change is the median


def against_scikit_learn(run: Path, workspace: Path) -> tuple[float, float, float]:
    """Seconds of ours and of theirs, and the largest difference of two importances."""
    folder = RunFolder(run)
    end = RunReader(folder).refresh().finished
    assert end is not None and end.best is not None
    predictor = load_predictor(folder.model_files(end.best))
    data = prepare_run_data(folder.spec(), folder.schema(), workspace, stored=folder.folds())
    rows = data.test_set.rows[:AGAINST]
    table = open_table(data.test_set.link.table, workspace)
    typed = parse_table(take_rows(table, rows), predictor.columns)
    y, _ = predictor.target.encode(take_rows(table, rows).column(predictor.target_name))
    kinds = {column.name: column.parse.kind for column in predictor.columns}
    part = Part(lambda t: ChangedRows(predictor, t).predict, np.arange(len(rows)))
    names = list(typed.columns)

    def sample() -> Sample:
        return Sample(typed, kinds, y, None, (part,), predictor.target.names)

    predictor.predict(typed.take(np.arange(10)))  # loads libraries
    began = time.perf_counter()
    list(importance(sample(), [(name,) for name in names], "roc_auc", REPEATS, seed=0))
    ours = time.perf_counter() - began
    model = _AsEstimator(predictor, typed)
    began = time.perf_counter()
    theirs = permutation_importance(
        model, model.matrix, y, scoring=_score, n_repeats=REPEATS, random_state=0
    )
    taken = time.perf_counter() - began
    orders = _orders(len(rows))
    same = [losses_of(sample(), (name,), orders, "roc_auc").rows for name in names]
    return ours, taken, float(np.abs(np.array(same) - theirs.importances).max())


class _AsEstimator:
    """A predictor as scikit-learn wants one: a matrix of numbers and codes comes in."""

    def __init__(self, predictor: Predictor, typed: TypedTable) -> None:
        self._predictor, self._typed = predictor, typed
        self.matrix = np.stack([_numbers(column) for column in typed.columns.values()], axis=1)

    def fit(self) -> None:
        """It is fitted; scikit-learn asks whether it could be."""

    def predict_proba(self, matrix: Values) -> Values:
        columns = {}
        for own, cells in zip(self._typed.columns.values(), matrix.T, strict=True):
            if own.numbers is not None:
                columns[own.name] = TypedColumn(own.name, cells)
            else:
                columns[own.name] = TypedColumn(
                    own.name, None, cells.astype(np.int32), own.words, own.signals
                )
        return self._predictor.predict(TypedTable(columns, len(matrix)))


def _numbers(column: TypedColumn) -> Values:
    values = column.numbers if column.numbers is not None else column.codes
    assert values is not None
    return values.astype(np.float64)


def _score(model: _AsEstimator, matrix: Values, y: NDArray[np.int64]) -> float:
    return float(roc_auc_score(y, model.predict_proba(matrix)[:, 1]))


def _orders(rows: int) -> list[NDArray[np.int64]]:
    """The permutations that scikit-learn makes of each column with the random state 0."""
    seed = np.random.RandomState(0).randint(np.iinfo(np.int32).max + 1)
    draw, places, order = np.random.RandomState(seed), np.arange(rows), np.arange(rows)
    found = []
    for _ in range(REPEATS):
        draw.shuffle(places)
        order = order[places]
        found.append(order.astype(np.int64))
    return found


def main() -> int:
    """Train, then measure one thing after the other."""
    parser = figures.arguments("Explanations on the page, in seconds.", budget=60)
    parser.add_argument("--changes", type=int, default=12, help="of a field")
    parser.add_argument("--workspace", type=Path, help="with a run 'adult': train nothing")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="torchlight-explain-") as place:
        workspace = options.workspace or Path(place) / "workspace"
        run = workspace / "runs" / RUN
        if not run.exists():
            flags = ["--target", "income", "--budget", f"{options.budget}s", "--out", run]
            figures.torchlight(["train", options.root / "adult.csv", *flags], workspace)
        with Server(workspace) as server, chromium.browser() as browser:
            page = browser.new_page(viewport={"width": 1360, "height": 900})
            first, whole, complete = explain(page, server.url)
            print(f"first picture {first:.1f} s (target {FIRST:g})")
            words = "complete" if complete else "NOT complete"
            print(f"whole {whole:.1f} s, {words} (target {WHOLE:g})", flush=True)
            changed = change_fields(page, server.url, options.changes)
            print(f"changed field to prediction {figures.spread(changed)} (target {CHANGE:g})")
        ours, theirs, apart = against_scikit_learn(run, workspace)
    print(
        f"permutation importance {ours:.1f} s, scikit-learn's {theirs:.1f} s: "
        f"{theirs / ours:.1f} times; differences {apart:.1e}"
    )
    median = float(np.median(changed))
    report = {"first": first, "whole": whole, "complete": complete, "changed": changed}
    figures.write_json(options.json, report | {"ours": ours, "theirs": theirs, "apart": apart})
    missed = first > FIRST or whole > WHOLE or not complete or median > CHANGE
    return int(missed or apart > MOST_APART)


if __name__ == "__main__":
    sys.exit(main())
