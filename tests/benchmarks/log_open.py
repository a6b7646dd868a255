"""A log of 1,000 trials with 200,000 epochs: how long to open it, and to draw it on Train.

    python -m tests.benchmarks.log_open [--trials 1000] [--epochs 200] [--no-browser]

Opened: a fresh reader, until the state is there. Drawn in Python: every chart of the live page
computed and drawn. Drawn on the screen: the address of the run typed into a browser, until
curves and leaderboard are there; the app has answered one other page before.
"""

from __future__ import annotations

import math
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa
from playwright.sync_api import Page

from automl_core.charts import importance, learning_curves, scores
from automl_core.runs.library import runs_folder
from automl_core.runs.record import Budget, RunOptions, RunSpec, TableLink
from automl_core.runs.record import events as e
from automl_core.runs.record.folder import RunFolder
from automl_core.runs.record.leaderboard import build_leaderboard
from automl_core.runs.record.log import LogWriter
from automl_core.runs.record.reader import RunReader
from automl_core.table.inference.schema_inference import infer_schema
from automl_core.table.store import TableInfo, put_table, save_info
from automl_core.types import Origin, RunStatus, TrialStatus
from tests.benchmarks import figures
from tests.browser import chromium, steps
from tests.browser.server import Server

FAMILIES = ("mlp", "resnet", "linear", "lightgbm", "extra_trees")
A_LINE = 8  # epochs in one event, as a quick network's come in


def _epochs(trial: int, first: int, last: int, total: int) -> e.Epochs:
    numbers = tuple(range(first, last + 1))
    quality = 0.3 + 0.2 * math.sin(trial)
    loss = [quality + 0.5 / (1 + 0.1 * n) for n in numbers]
    return e.Epochs(
        trial=trial,
        fold=0,
        epoch=numbers,
        progress=tuple(n / total for n in numbers),
        train_loss=tuple(v - 0.02 for v in loss),
        valid_loss=tuple(loss),
        valid_score=tuple(1 - v / 2 for v in loss),
        learning_rate=tuple(0.01 * (1 - n / total) for n in numbers),
        seconds=tuple(0.02 * n for n in numbers),
    )


def write_log(path: Path, trials: int, epochs: int) -> None:
    """A finished run of that size, in the order in which four workers would have written it."""
    log = LogWriter(path)
    log.append(e.RunStarted(3600.0, None, 1, 20_000, 2_000, 0, 0), 0.0)
    log.append(e.TrialStarted(0, "constant-0", "constant", {}, Origin.BASELINE), 0.1)
    log.append(e.TrialFinished(0, TrialStatus.FINISHED, 0.5, 0.0, 0.001, 100, 1), 0.2)
    t = 0.2
    for group in range(1, trials + 1, 4):
        running = range(group, min(group + 4, trials + 1))
        for n in running:
            family = FAMILIES[n % len(FAMILIES)]
            config: dict[str, int | float | str | bool] = {"learning_rate": 0.01, "width": 64 + n}
            log.append(e.TrialStarted(n, f"{family}-{n}", family, config, Origin.SEARCH), t)
        for first in range(1, epochs + 1, A_LINE):
            t += 0.25
            for n in running:
                log.append(_epochs(n, first, min(first + A_LINE - 1, epochs), epochs), t)
        for n in running:
            score = 0.85 + 0.1 * math.sin(n)
            log.append(e.TrialFinished(n, TrialStatus.FINISHED, score, 10.0, 0.01, 50_000, 1), t)
    names = tuple(f"column {i}" for i in range(20))
    mean = tuple(0.1 / (i + 1) for i in range(20))
    log.append(e.Importance(1, 20, names, mean, mean, mean, True), t)
    log.append(
        e.RunFinished(RunStatus.FINISHED, "The time budget was used up.", 1, 0.9, 0.89, 0.91), t
    )
    log.close()


def make_run(workspace: Path, trials: int, epochs: int) -> RunFolder:
    """A run folder with such a log, and the small table that it was started on."""
    table = pa.table({"a": list(range(40)), "target": ["yes", "no"] * 20})
    digest = put_table(table, workspace)
    save_info(TableInfo(digest, "big-run.csv", 40, 2, {"format": "csv"}, "", 1), workspace)
    schema = infer_schema(table)
    link = TableLink(digest, "big-run.csv", 40, {"format": "csv"})
    spec = RunSpec(link, "target", "binary", "roc_auc", RunOptions(Budget(seconds=3600)))
    folder = RunFolder(runs_folder(workspace) / "big-run")
    folder.create(spec, schema)
    write_log(folder.log_path, trials, epochs)
    return folder


def draw(folder: RunFolder) -> tuple[float, float]:
    """(seconds to open, seconds to compute and draw every chart and the leaderboard)."""
    started = time.perf_counter()
    state = RunReader(folder).refresh()
    opened = time.perf_counter()
    ranking = tuple(row.trial for row in build_leaderboard(state, "roc_auc") if row.rank)
    learning_curves.draw_curves(learning_curves.loss_curves(state, ranking, "roc_auc"))
    scores.draw_scores(scores.score_history(state, "roc_auc"))
    assert state.importance is not None
    importance.draw_importance(importance.importance_bars(state.importance), "AUC")
    return opened - started, time.perf_counter() - opened


def on_screen(workspace: Path) -> tuple[float, float]:
    """Seconds until curves and leaderboard of the run are there: by a click, by its address."""
    with Server(workspace) as server, chromium.browser() as browser:
        page = browser.new_page(viewport={"width": 1360, "height": 1300})
        steps.visit(page, server.url, "predict?run=big-run")
        steps.settled(page)
        started = time.perf_counter()
        steps.go(page, "Train")
        wait_until_drawn(page)
        clicked = time.perf_counter() - started
        fresh = browser.new_page(viewport={"width": 1360, "height": 1300})
        started = time.perf_counter()
        fresh.goto(f"{server.url}/train?run=big-run")
        wait_until_drawn(fresh)
        return clicked, time.perf_counter() - started


def wait_until_drawn(page: Page) -> None:
    """Curves and leaderboard."""
    page.locator(".st-key-live_curves .scatterlayer .trace").first.wait_for(timeout=60_000)
    page.locator(".st-key-live_leaderboard canvas").first.wait_for(timeout=60_000)


def main() -> int:
    """Makes the run, measures, prints."""
    parser = figures.arguments("A log of 1,000 trials with 200,000 epochs, opened and drawn.")
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--epochs", type=int, default=200, help="of each trial")
    parser.add_argument("--no-browser", action="store_true", help="measure Python only")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="torchlight-log-") as temporary:
        workspace = Path(temporary) / "workspace"
        folder = make_run(workspace, options.trials, options.epochs)
        size = folder.log_path.stat().st_size / 2**20
        times = [draw(folder) for _ in range(5)]
        print(
            f"{options.trials:,} trials, {options.trials * options.epochs:,} epochs, {size:.0f} MB"
        )
        print(f"opened:              {figures.spread([o for o, _ in times])}")
        print(f"charts in Python:    {figures.spread([d for _, d in times])}")
        screen = [] if options.no_browser else [on_screen(workspace) for _ in range(3)]
        print(f"a click on Train:    {figures.spread([c for c, _ in screen])}")
        print(f"in a fresh browser:  {figures.spread([a for _, a in screen])}")
    figures.write_json(options.json, {"opened_drawn": times, "screen": screen})
    return 0


if __name__ == "__main__":
    sys.exit(main())
