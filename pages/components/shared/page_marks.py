"""The part that Streamlit leaves out for eyes that see little, keyboards and screen readers.

One component in the sidebar of every page: rules of style that the theme has no words for, the
mark of the current page in the navigation, a blank before the unit of a size in upload fields, and
a line that screen readers speak when it changes.
"""

from __future__ import annotations

from functools import cache

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

_HTML = "<span class='spoken' role='status'></span>"

_CSS = """
.spoken {
  position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
}
/* Captions are text at 60 %, code in them too: a contrast of 4.3 and 3.0 on white. */
div[data-testid="stCaptionContainer"] { opacity: 0.78; }
div[data-testid="stCaptionContainer"] code { color: inherit; font-size: 0.9em; }
/* The accent on a tint of itself: 3.8 on dark. */
button[data-variant="segmented_control"][data-selected="true"],
button[data-variant="segmented_control"][data-selected="true"] p {
  color: light-dark(#23201C, #ECE8E2);
}
/* The navigation takes 280 pixels: what stands side by side goes below each other earlier. */
@media (max-width: 1000px) {
  [data-testid="stHorizontalBlock"] > [data-testid="stColumn"] { min-width: 100%; }
}
/* The way to a chart's numbers is small, and close to the chart. */
[class*="st-key-chart_"] [data-testid="stDownloadButton"] { text-align: right; }
[class*="st-key-chart_"] [data-testid="stDownloadButton"] button {
  min-height: 0; padding: 0 0.25rem; opacity: 0.78;
}
[class*="st-key-chart_"] [data-testid="stDownloadButton"] button :is(p, span) { font-size: 0.8rem; }
/* One blue that stands out from both backgrounds. */
:is(a, button, summary, [role="tab"], [role="radio"], [role="switch"]):focus-visible {
  outline: 2px solid #3A8CC1; outline-offset: 2px;
}
/* These draw themselves each second: grey would flicker, and say nothing. */
[class*="st-key-live_"] [data-stale="true"], [class*="st-key-live_"][data-stale="true"],
.st-key-active_run [data-stale="true"] { opacity: 1; transition: none; }
"""

_JS = """
// Upload fields write "5.1MB"; sizes have a blank everywhere else.
const partUnits = () => {
  for (const field of document.querySelectorAll('[data-testid="stFileUploader"]')) {
    const texts = document.createTreeWalker(field, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const parted = texts.currentNode.data.replace(/(\\d)([KkMG]?B)\\b/g, "$1 $2");
      if (parted !== texts.currentNode.data) texts.currentNode.data = parted;
    }
  }
};
export default function ({ data, parentElement }) {
  const spoken = parentElement.querySelector(".spoken");
  if (spoken.textContent !== data.spoken) spoken.textContent = data.spoken;
  const mark = () => {
    // Popovers lie outside of the app's element, which alone says whether the theme is dark.
    const app = document.querySelector('[data-testid="stApp"]');
    if (app) document.documentElement.style.colorScheme = getComputedStyle(app).colorScheme;
    partUnits();
    const nav = document.querySelector(".st-key-nav");
    if (!nav) return;
    nav.setAttribute("role", "navigation");
    nav.setAttribute("aria-label", "Pages");
    for (const link of nav.querySelectorAll("a")) {
      const here = link.querySelector("p")?.textContent === data.here;
      if (here) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  };
  mark();
  clearInterval(parentElement.marking);  // of the call before, with other data
  parentElement.marking = setInterval(mark, 1000);  // links are made anew, the theme can change
  return () => clearInterval(parentElement.marking);
}
"""


@cache
def _component() -> ComponentRenderer:
    return st.components.v2.component(
        "torchlight_page_marks", html=_HTML, css=_CSS, js=_JS, isolate_styles=False
    )


def draw_marks(here: str, spoken: str) -> None:
    """Mark the page `here` in the navigation; `spoken` is read out when it is another text."""
    _component()(key="page_marks", data={"here": here, "spoken": spoken})
