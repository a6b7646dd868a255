"""Click on another page to drawn page, while every worker trains: medians by page.

    python -m tests.benchmarks.page_latency [--clicks 6] [--budget 120]

A page counts as drawn when the part that makes it this page is there (`DRAWN`).
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.benchmarks import figures
from tests.browser import chromium, steps
from tests.browser.server import Server

DRAWN = {
    "Home": ".st-key-samples button",
    "Data": ".st-key-roles canvas",
    "Train": ".st-key-live_curves .js-plotly-plot",
    "Models": ".st-key-models_leaderboard canvas",
    "Predict": ".st-key-predict_source button",
    "Runs": ".st-key-runs_table canvas",
}
PAUSE = 700  # milliseconds that a person looks at a page before the next click


def start_training(page: Page, url: str, table: Path, budget: float) -> None:
    """A run on adult with all workers, until its first models are there."""
    steps.visit(page, url)
    steps.upload(page, table)
    steps.press(page, "choose_target")
    steps.choose(page, "train_target", "income")
    expect(steps.key(page, "train_go")).to_be_visible(timeout=steps.PATIENCE)
    steps.set_seconds(page, budget)
    steps.start(page)
    steps.wait_for_model(page, 60)


def click(page: Page, name: str) -> float:
    """Seconds from the click on a link of the navigation to the drawn page."""
    link = steps.key(page, "nav").get_by_role("link", name=name, exact=True)
    link.hover()
    started = time.perf_counter()
    link.click()
    page.locator(DRAWN[name]).first.wait_for(timeout=steps.PATIENCE)
    return time.perf_counter() - started


def main() -> int:
    """Rounds through all pages during one run."""
    parser = figures.arguments("Click to drawn page while every worker trains.", budget=120)
    parser.add_argument("--clicks", type=int, default=6, help="on each page")
    options = parser.parse_args()
    times: dict[str, list[float]] = {name: [] for name in DRAWN}
    with (
        tempfile.TemporaryDirectory(prefix="torchlight-pages-") as folder,
        Server(Path(folder) / "workspace") as server,
        chromium.browser() as browser,
    ):
        page = browser.new_page(viewport={"width": 1360, "height": 900})
        start_training(page, server.url, options.root / "adult.csv", options.budget)
        for name in DRAWN:  # once each, uncounted: nobody's first visit is the median
            click(page, name)
        for _ in range(options.clicks):
            for name in DRAWN:
                page.wait_for_timeout(PAUSE)
                times[name].append(click(page, name))
        click(page, "Train")
        busy = steps.key(page, "live_header").get_by_text("left").count() > 0
    for name, found in times.items():
        print(f"{name:8} {figures.spread(found)}")
    everything = [t for found in times.values() for t in found]
    print(f"{'all':8} {figures.spread(everything)}")
    if not busy:
        print("The run ended before the clicks did: choose a larger --budget.")
    figures.write_json(options.json, {"times": times, "median": statistics.median(everything)})
    return 0 if busy else 1


if __name__ == "__main__":
    sys.exit(main())
