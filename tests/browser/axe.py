"""axe-core in a page: what stands in the way of keyboards, screen readers and weak eyes.

The package axe-playwright-python is used for its copy of the library alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from playwright.sync_api import Page

_RUN = """async () => {
  const found = await axe.run(document, { resultTypes: ["violations"] });
  const own = (rule, node) =>
    rule === "aria-dialog-name" && node.html.includes('data-testid="stToast"');
  const grave = found.violations.filter((v) => ["serious", "critical"].includes(v.impact));
  return grave.flatMap((v) => v.nodes.filter((node) => !own(v.id, node)).map((node) =>
    [v.impact, v.id, node.target.join(" "), node.html.slice(0, 160), node.failureSummary]
      .join(" | ").replaceAll(/\\s+/g, " ")));
}"""

_HAS_THEME = """(theme) =>
  getComputedStyle(document.querySelector('[data-testid="stApp"]')).colorScheme === theme &&
  document.documentElement.style.colorScheme === theme"""


@cache
def _library() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


@dataclass
class Audit:
    """What was found on pages so far: a line for each element that axe calls serious or critical.

    Where Streamlit's own markup is to blame, that node of that rule is left out here: its messages
    in the corner (`stToast`) have no name, which `aria-dialog-name` asks for.
    """

    found: list[str] = field(default_factory=list)

    def look(self, page: Page, where: str) -> None:
        """Look at the page as it is now, in both themes; leaves it in the light one."""
        page.evaluate(_library())
        for theme in ("dark", "light"):
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            page.wait_for_function(_HAS_THEME, arg=theme)
            self.found += [f"{where}, {theme}: {node}" for node in page.evaluate(_RUN)]
