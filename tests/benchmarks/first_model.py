"""Start to first real model, and event to screen: adult.csv in the running app, watched.

    python -m tests.benchmarks.first_model [--budget 30]

The first real model is the first trial but the constant that has a score; it is timed from the
click on Start, once in the log and once on the screen. Event to screen is, for every epoch that
reached the screen, from the end of that epoch in its worker to the first look (every 50 ms) at
which the trial's curve had come as far.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from automl_core.runs.record import events as e
from automl_core.runs.record.log import Entry
from automl_core.runs.record.log_reader import LogReader
from automl_core.types import Origin
from tests.benchmarks import figures
from tests.browser import chromium, steps
from tests.browser.server import Server

_WATCH = """() => {
  window.seen = []; window.firstModel = null; const top = {};
  setInterval(() => {
    const chart = document.querySelector(".st-key-live_curves .js-plotly-plot");
    for (const trace of (chart && chart.data) || []) {
      if (!String(trace.uid).startsWith("trial-")) continue;
      const x = Math.max(...trace.x.filter((v) => v !== null));
      if (x > (top[trace.uid] ?? -1)) {
        top[trace.uid] = x; window.seen.push([trace.uid, x, Date.now() / 1000]);
      }
    }
    const cells = document.querySelectorAll(".st-key-live_leaderboard td");
    const done = [...cells].filter((c) => c.textContent.toLowerCase() === "finished").length;
    if (done >= 2 && window.firstModel === null) window.firstModel = Date.now() / 1000;
  }, 50);
}"""


def watch_a_run(table: Path, workspace: Path, budget: float) -> tuple[float, str, Any, Any]:
    """(moment of the click, run, what was seen of curves, moment of the first model)."""
    with Server(workspace) as server, chromium.browser() as browser:
        page = browser.new_page(viewport={"width": 1360, "height": 1300})
        steps.visit(page, server.url)
        steps.upload(page, table)
        steps.press(page, "choose_target")
        steps.choose(page, "train_target", "income")
        expect(steps.key(page, "train_go")).to_be_visible(timeout=steps.PATIENCE)
        steps.set_seconds(page, budget)
        wait_for_workers(page)
        page.evaluate(_WATCH)
        clicked = time.time()
        run = steps.start(page)
        steps.wait_until_ended(page, budget + 20)
        return clicked, run, page.evaluate("window.seen"), page.evaluate("window.firstModel")


def wait_for_workers(page: Page) -> None:
    """The sentence names the device once the workers are warm."""
    for _ in range(60):
        if "this machine" not in steps.key(page, "train_go").inner_text():
            return
        page.wait_for_timeout(500)
        page.reload()
        expect(steps.key(page, "train_go")).to_be_visible(timeout=steps.PATIENCE)
    raise SystemExit("The workers did not come up.")


def first_model(log: list[Entry]) -> float:
    """When (seconds since 1970) the log had a scored model other than the constant."""
    real = {x.event.trial for x in log if isinstance(x.event, e.TrialStarted)} - {
        x.event.trial
        for x in log
        if isinstance(x.event, e.TrialStarted) and x.event.origin == Origin.BASELINE
    }
    return next(
        x.wall
        for x in log
        if isinstance(x.event, e.TrialFinished)
        and x.event.trial in real
        and x.event.score is not None
    )


def screen_delays(log: list[Entry], seen: list[tuple[str, float, float]]) -> list[float]:
    """Seconds from the end of each epoch in its worker to the screen."""
    batches = [(x.wall, x.event) for x in log if isinstance(x.event, e.Epochs)]
    began: dict[tuple[int, int], float] = defaultdict(lambda: float("inf"))
    for wall, batch in batches:
        key = batch.trial, batch.fold
        began[key] = min(began[key], wall - batch.seconds[-1])
    delays = []
    for _, batch in batches:
        points = zip(batch.epoch, batch.progress, batch.seconds, strict=True)
        for _epoch, progress, seconds in points:
            happened = began[batch.trial, batch.fold] + seconds
            shown = [
                moment
                for uid, x, moment in seen
                if uid == f"trial-{batch.trial}" and x >= 100 * progress * (1 - 1e-4)
            ]
            if shown:
                delays.append(max(0.0, min(shown) - happened))
    return delays


def main() -> int:
    """One watched run."""
    parser = figures.arguments("Start to first real model, event to screen.", budget=30)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="torchlight-first-") as folder:
        workspace = Path(folder) / "workspace"
        clicked, run, seen, board = watch_a_run(
            options.root / "adult.csv", workspace, options.budget
        )
        log = LogReader(workspace / "runs" / run / "events.jsonl").read()
    in_log = first_model(log) - clicked
    on_screen = board - clicked if board else float("nan")
    delays = screen_delays(log, seen)
    print(f"Start to first real model: {in_log:.2f} s in the log, {on_screen:.2f} s on the screen")
    print(f"event to screen, epochs:   {figures.spread(delays)}")
    found = {"first_model_log": in_log, "first_model_screen": on_screen, "delays": delays}
    figures.write_json(options.json, found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
