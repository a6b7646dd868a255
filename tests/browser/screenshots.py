"""Retakes the pictures in assets/: every page of the real app, light and dark.

    python -m tests.browser.screenshots [--seconds 60] [--to assets]

Runs the generated customer sample, so that anyone can retake them. The run is watched by two
browsers at once, one with each theme.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

import pyarrow.csv
from playwright.sync_api import Browser, Page, expect

from automl_core.table.sample_data.samples import make_sample
from tests.browser import chromium, steps
from tests.browser.server import ROOT, Server

SAMPLE, TARGET = "customer_churn", "churned"
THEMES = ("light", "dark")
FRESH = """() => !document.querySelector('[data-stale="true"]')"""  # nothing is greyed out
SIZE = {"width": 1360, "height": 900}


class Camera:
    """One browser a theme, and the folder that pictures go to."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self._folder = folder
        self.pages: dict[str, Page] = {}
        for theme in THEMES:
            scheme = "light" if theme == "light" else "dark"
            context = browser.new_context(viewport=SIZE, color_scheme=scheme)  # type: ignore[arg-type]
            self.pages[theme] = context.new_page()

    def each(self, step: Callable[[Page], object]) -> None:
        """Do the same in both browsers."""
        for page in self.pages.values():
            step(page)

    def shoot(self, name: str, height: int = 900) -> None:
        """A picture of both, as tall as asked for."""
        for theme, page in self.pages.items():
            page.set_viewport_size({**SIZE, "height": height})
            page.mouse.move(5, 5)
            page.wait_for_timeout(1500)  # charts grow into their new size
            page.wait_for_function(FRESH, timeout=10_000)
            page.screenshot(path=self._folder / f"{name}-{theme}.png", animations="disabled")
            print(self._folder / f"{name}-{theme}.png", flush=True)


def before_the_run(camera: Camera, url: str) -> None:
    """Home, Data, Profile and the form of Train."""
    camera.each(lambda page: steps.visit(page, url))
    steps.press(camera.pages[THEMES[0]], "tour_skip")  # it comes to the first visit alone
    camera.each(steps.settled)
    camera.shoot("home")
    camera.each(lambda page: steps.press(page, f"explore_{SAMPLE}"))
    camera.each(lambda page: expect(steps.key(page, "choose_target")).to_be_visible())
    camera.each(steps.settled)
    camera.shoot("data", height=1250)
    camera.each(lambda page: steps.go(page, "Profile"))
    camera.each(lambda page: expect(page.locator(".js-plotly-plot").nth(1)).to_be_visible())
    camera.each(steps.settled)
    camera.shoot("profile", height=1500)
    camera.each(lambda page: steps.go(page, "Data"))
    camera.each(lambda page: expect(steps.key(page, "choose_target")).to_be_visible())
    camera.each(lambda page: steps.press(page, "choose_target"))
    camera.each(lambda page: expect(steps.key(page, "train_go")).to_be_visible(timeout=20_000))
    camera.each(steps.settled)
    camera.shoot("setup", height=1200)


def the_run(camera: Camera, url: str, seconds: float) -> None:
    """Train in the middle of a run, and after it; the leak is left out, as the page advises."""
    light, dark = camera.pages["light"], camera.pages["dark"]
    leave_out = steps.key(light, "train_problems").get_by_role("button", name="Leave out")
    leave_out.click()
    expect(leave_out).to_have_count(0, timeout=20_000)
    steps.set_seconds(light, seconds)
    steps.settled(light)
    run = steps.start(light)
    steps.visit(dark, url, f"train?run={run}")
    light.wait_for_timeout(seconds * 1000 * 0.6)
    camera.shoot("train", height=1320)
    camera.each(lambda page: steps.wait_until_ended(page, seconds + 20))
    camera.shoot("finished", height=1320)


def after_the_run(camera: Camera, folder: Path) -> None:
    """Models, Predict with a scored table, Runs."""
    camera.each(lambda page: steps.press(page, "to_models"))
    camera.each(
        lambda page: steps.key(page, "roc").locator(".js-plotly-plot").wait_for(timeout=20_000)
    )
    camera.shoot("models", height=1500)
    table = folder / "new-customers.csv"
    pyarrow.csv.write_csv(make_sample(SAMPLE, seed=1).drop_columns([TARGET]).slice(0, 500), table)
    camera.each(lambda page: score(page, table))
    camera.shoot("predict", height=1250)
    camera.each(lambda page: steps.go(page, "Runs"))
    camera.each(steps.settled)
    camera.shoot("runs")


def score(page: Page, table: Path) -> None:
    """Upload the table on Predict and wait for its predictions."""
    steps.go(page, "Predict")
    steps.key(page, "predict_table").locator("input[type=file]").set_input_files(table)
    steps.press(page, "predict_start")
    expect(steps.key(page, "predict_preview")).to_be_visible(timeout=20_000)


def main() -> None:
    """One app, one run, all pictures."""
    parser = argparse.ArgumentParser(description="Retakes the pictures in assets/.")
    parser.add_argument("--seconds", type=float, default=60.0, help="budget of the run")
    parser.add_argument("--to", type=Path, default=ROOT / "assets")
    options = parser.parse_args()
    expect.set_options(timeout=steps.PATIENCE)
    with (
        tempfile.TemporaryDirectory(prefix="torchlight-pictures-") as folder,
        Server(Path(folder) / "workspace") as server,
        chromium.browser() as browser,
    ):
        camera = Camera(browser, options.to)
        before_the_run(camera, server.url)
        the_run(camera, server.url, options.seconds)
        after_the_run(camera, Path(folder))


if __name__ == "__main__":
    main()
