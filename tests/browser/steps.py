"""Steps of a person in the app, as functions: upload, choose, start, read, stop, download.

Waits for what a person would wait for. Shared by the browser tests, the benchmarks and the
screenshots; asserts nothing but that a step could be done.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page, TimeoutError, expect

PATIENCE = 20_000  # milliseconds, for things that take a moment
MOST_BACK = 6  # presses of the browser's Back


def key(page: Page, name: str) -> Locator:
    """The element that the page gave this key."""
    return page.locator(f".st-key-{name}")


def visit(page: Page, url: str, path: str = "") -> None:
    """Open an address of the app and wait until its frame is there."""
    page.goto(f"{url}/{path}")
    expect(key(page, "nav")).to_be_visible(timeout=PATIENCE)


def go(page: Page, name: str) -> None:
    """Follow a link of the navigation, and wait for that page."""
    key(page, "nav").get_by_role("link", name=name, exact=True).click()
    page.wait_for_url(re.compile(r"/(\?.*)?$" if name == "Home" else rf"/{name.lower()}\b"))


def back(page: Page, name: str, words: str = "") -> None:
    """Press the browser's Back until that page is there, with these words in its address.

    Streamlit adds an entry to the history for each parameter that a page puts into its address,
    so the number of presses depends on the page that is left.
    """
    for _ in range(MOST_BACK):
        settled(page)  # a script that still runs would add one more entry, in front of this press
        if f"/{name.lower()}" in urlsplit(page.url).path and words in page.url:
            return
        page.go_back()
    raise AssertionError(f"Back never reached {name}: {page.url}")


def settled(page: Page) -> None:
    """Wait until the page's script has run; not for pages that refresh themselves."""
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()


def press(page: Page, name: str) -> None:
    """Click the button of that key."""
    button = key(page, name).locator("button").first  # one with a tooltip is there twice
    expect(button).to_be_enabled(timeout=PATIENCE)
    button.click()


def choose(page: Page, name: str, option: str) -> None:
    """Choose one option of a select box, by typing as a person would with a long list."""
    field = key(page, name).locator("input").first
    for left in (2, 1, 0):  # a list closes where the page is drawn again meanwhile
        field.click()
        field.fill(option)
        try:
            page.get_by_role("option", name=option, exact=True).first.click(timeout=PATIENCE / 3)
            return
        except TimeoutError:
            if not left:
                raise


def segment(page: Page, name: str, option: str) -> None:
    """Choose one option of a segmented control."""
    key(page, name).get_by_text(option, exact=True).click()


def upload(page: Page, file: Path) -> None:
    """Upload a table on Home or Data; ends on the Data page that shows it."""
    key(page, "upload").locator("input[type=file]").set_input_files(file)
    expect(key(page, "choose_target")).to_be_visible(timeout=60_000)


def change_role(page: Page, column: str, role: str) -> None:
    """Give a column another role on the Data page."""
    press(page, "role_popover")
    choose(page, "role_columns", column)
    page.keyboard.press("Escape")
    choose(page, "role_choice", role)
    press(page, "role_apply")


def set_seconds(page: Page, seconds: float) -> None:
    """Choose a budget of that many seconds."""
    segment(page, "train_budget", "Other time")
    field = key(page, "train_minutes").locator("input")
    field.fill(f"{seconds / 60:.4f}")
    field.press("Enter")


def start(page: Page) -> str:
    """Press Start; returns the run's id once the live view is there. Suspected leaks are kept."""
    expect(key(page, "train_start")).to_be_visible(timeout=PATIENCE)
    keep = page.locator("[class*='st-key-train_leak_in_'] button")
    for left in range(keep.count() - 1, -1, -1):
        keep.first.click()
        expect(keep).to_have_count(left, timeout=PATIENCE)
    press(page, "train_start")
    expect(key(page, "live_title")).to_be_visible(timeout=PATIENCE)
    return run_of(page)


def run_of(page: Page) -> str:
    """The run that the address names."""
    page.wait_for_url(re.compile(r"[?&]run="))
    return parse_qs(urlsplit(page.url).query)["run"][0]


def curves(page: Page) -> dict[str, int]:
    """Points of each trial's learning curve on the screen; {} where there is no chart yet."""
    chart = key(page, "live_curves").locator(".js-plotly-plot")
    if chart.count() == 0:
        return {}
    lines: list[tuple[str, int]] = chart.evaluate("e => e.data.map(t => [t.uid, t.x.length])")
    return {uid: points for uid, points in lines if uid.startswith("trial-")}


def table_rows(page: Page, name: str) -> int:
    """Rows of the table inside the element of that key, its header not counted."""
    grid = key(page, name).locator("canvas table").first
    grid.wait_for(state="attached", timeout=PATIENCE)
    return int(grid.get_attribute("aria-rowcount") or 1) - 1


def cell(page: Page, name: str, column: int, row: int) -> Locator:
    """One cell of a table, both counted from 0; readable where the browser has drawn it."""
    return key(page, name).get_by_test_id(f"glide-cell-{column}-{row}")


def wait_for_model(page: Page, seconds: float) -> None:
    """Wait for a finished model beside the constant on the live leaderboard."""
    finished = key(page, "live_leaderboard").locator("td", has_text="finished")
    expect(finished.nth(1)).to_be_attached(timeout=seconds * 1000)


def wait_until_ended(page: Page, seconds: float) -> None:
    """Wait for the sentence that a run ends with."""
    expect(key(page, "live_outcome")).to_be_visible(timeout=seconds * 1000)


def download(page: Page, name: str, to: Path) -> Path:
    """Press a download button and keep what comes, under the name that it came with."""
    with page.expect_download() as waiting:
        press(page, name)
    file = to / waiting.value.suggested_filename
    waiting.value.save_as(file)
    return file
