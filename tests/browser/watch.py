"""Looks at a live chart from inside the browser: is it mounted anew, does it keep its zoom?"""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser import steps

CHART = ".st-key-live_curves .js-plotly-plot"

_COUNT_REMOVALS = """() => {
  window.removedCharts = 0;
  const chart = (node) => node.nodeType === 1 &&
    (node.matches(".js-plotly-plot") || node.querySelector(".js-plotly-plot"));
  new MutationObserver((changes) => {
    for (const change of changes) for (const node of change.removedNodes)
      if (chart(node)) window.removedCharts += 1;
  }).observe(document.body, { childList: true, subtree: true });
}"""


def count_removals(page: Page) -> None:
    """From now on, count charts that are taken from the page."""
    page.evaluate(_COUNT_REMOVALS)


def removals(page: Page) -> int:
    """Charts that were taken from the page since `count_removals`."""
    return int(page.evaluate("() => window.removedCharts"))


def zoom(page: Page) -> tuple[float, float]:
    """Drag the mouse over the middle of the curves, as a person zooms in; the new range of y."""
    area = page.locator(f"{CHART} .nsewdrag").first
    area.scroll_into_view_if_needed()
    before, box = vertical_range(page), area.bounding_box()
    assert box is not None
    left, top, width, height = box["x"], box["y"], box["width"], box["height"]
    page.mouse.move(left + 0.3 * width, top + 0.3 * height)
    page.mouse.down()
    page.mouse.move(left + 0.7 * width, top + 0.7 * height, steps=8)
    page.mouse.up()
    page.wait_for_timeout(300)  # Plotly tells a drag from a double click
    after = vertical_range(page)
    assert after != before, "the drag did not zoom"
    return after


def vertical_range(page: Page) -> tuple[float, float]:
    """What the vertical axis of the curves shows."""
    low, high = page.locator(CHART).evaluate("e => e._fullLayout.yaxis.range")
    return float(low), float(high)


def wait_for_growth(page: Page, seconds: float, before: dict[str, int] | None = None) -> None:
    """Wait until a trial has a longer curve than before, or until there is a curve at all.

    `before`: what `steps.curves` gave; the curves now where None.
    """
    before = steps.curves(page) if before is None else before
    for _ in range(int(seconds / 0.25)):
        if any(points > before.get(trial, 0) for trial, points in steps.curves(page).items()):
            return
        page.wait_for_timeout(250)
    raise AssertionError(f"no curve has grown; before {before}, now {steps.curves(page)}")
