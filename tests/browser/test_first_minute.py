"""The first minute: a tour that the keyboard can take, and Home on a narrow screen."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.axe import Audit
from tests.browser.server import Server

MOST_TABS = 40  # key presses until the tour's button is reached


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the button inside the element of that key has the focus."""
    button = steps.key(page, name).locator("button")
    expect(button).to_be_visible()
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if button.evaluate("e => e === document.activeElement"):
            return
    raise AssertionError(f"Tab never reached {name}")


def test_the_keyboard_takes_the_tour_and_a_reload_keeps_it(
    shared_server: Server, page: Page
) -> None:
    steps.visit(page, shared_server.url, "?tour=1")
    box = steps.key(page, "tour")
    expect(box).to_contain_text("Tour, 1 of 5: Home")
    audit = Audit()
    audit.look(page, "Home with the tour")
    assert not audit.found, "\n".join(audit.found)
    tab_to(page, "tour_next")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/data\?.*tour=2"))
    page.reload()
    expect(box).to_contain_text("Tour, 2 of 5: Data")
    steps.settled(page)  # what a script that still runs puts into the address would lack the step
    steps.go(page, "Models")  # whoever wanders off has left the tour
    expect(page.get_by_role("heading", name="Models", level=1)).to_be_visible()
    expect(box).to_have_count(0)
    steps.back(page, "Data", "tour=2")
    tab_to(page, "tour_skip")
    page.keyboard.press("Enter")
    expect(box).to_have_count(0)
    assert "tour" not in page.url


BELOW = """() => {
  const boxes = [...document.querySelectorAll("[data-testid=stColumn]")];
  const [table, runs] = boxes.map((box) => box.getBoundingClientRect());
  return runs.top >= table.bottom;
}"""


def test_on_a_narrow_screen_nothing_stands_beside_or_sticks_out(
    shared_server: Server, page: Page
) -> None:
    page.set_viewport_size({"width": 800, "height": 900})
    steps.visit(page, shared_server.url)
    columns = page.get_by_test_id("stColumn")
    expect(columns).to_have_count(2)
    page.wait_for_function(BELOW, timeout=steps.PATIENCE)  # the page grows while it is drawn
    main = page.get_by_test_id("stMain")
    assert main.evaluate("e => e.scrollWidth <= e.clientWidth")
