"""A Plotly chart that is updated in place: no remount, no flicker, zoom and hover survive.

`st.plotly_chart` builds a new element whenever a figure changes; this one hands new data to
`Plotly.react`. The library itself is sent once a session, by `load()`. Knows nothing about
what is drawn; colours of text and grid come from the page's theme.
"""

from __future__ import annotations

from functools import cache

import streamlit as st
from plotly.offline import get_plotlyjs
from streamlit.components.v2.types import ComponentRenderer

from automl_core.charts import Drawing

_HTML = "<div class='live-plot' role='img' style='width:100%'></div>"

_JS = """
export default function ({ data, parentElement }) {
  const el = parentElement.querySelector(".live-plot");
  const theme = (name) => getComputedStyle(el).getPropertyValue(name).trim();
  const revision = data.layout.uirevision;
  let timer = 0;
  // Plotly gives up a zoom when the new data come with another range; so it is kept here.
  const axis = (name, grid) => {
    const given = data.layout[name], kept = el.zoom?.revision === revision && el.zoom[name];
    const range = kept || given.range;
    return {
      ...given, gridcolor: grid, zerolinecolor: grid, linecolor: grid, uirevision: Math.random(),
      ...(range ? { range, autorange: false } : { autorange: true }),
    };
  };
  const zoomed = (change) => {
    const zoom = el.zoom?.revision === el.revision ? el.zoom : { revision: el.revision };
    for (const name of ["xaxis", "yaxis"]) {
      const low = change[name + ".range[0]"], high = change[name + ".range[1]"];
      if (low !== undefined && high !== undefined) { zoom[name] = [low, high]; el.zoom = zoom; }
    }
  };
  const draw = () => {
    if (!window.Plotly) { timer = setTimeout(draw, 50); return; }
    const text = theme("--st-text-color"), grid = theme("--st-border-color-light");
    const layout = {
      ...data.layout,
      font: { family: theme("--st-font"), size: 12, color: text },
      xaxis: axis("xaxis", grid), yaxis: axis("yaxis", grid),
      hoverlabel: {
        bgcolor: theme("--st-secondary-background-color"), bordercolor: grid,
        font: { family: theme("--st-font"), size: 12, color: text }, align: "left",
      },
    };
    const config = { responsive: true, displayModeBar: false, doubleClick: false };
    const traces = structuredClone(data.traces);  // Plotly writes into what it is given
    for (const trace of traces) if (trace.error_x) trace.error_x.color = text;
    window.Plotly.react(el, traces, layout, config);
    if (!el.redraw) {
      el.on("plotly_relayout", zoomed);
      el.on("plotly_doubleclick", () => { el.zoom = undefined; el.redraw(); });
    }
    el.redraw = draw;
    el.revision = revision;
    el.setAttribute("aria-label", data.alt);
    el.dataset.updates = Number(el.dataset.updates || 0) + 1;
    el.dataset.text = text;
  };
  draw();
  // The theme can change while the data rest: look at it now and then.
  const watch = setInterval(() => {
    if (window.Plotly && el.dataset.text !== theme("--st-text-color")) draw();
  }, 500);
  return () => { clearTimeout(timer); clearInterval(watch); };
}
"""
# The library's wrapper looks for a module system first; hidden from it, it sets window.Plotly.
_LOADER = """
const module = undefined, exports = undefined, define = undefined;
(function () { if (window.Plotly) return;
%s
}).call(window);
export default function () {}
"""

# Each run's key mounts it once: what was scrolled away when Start was pressed comes back into view.
_TO_TOP = """
export default function ({ parentElement }) {
  if (parentElement.dataset.done) return;
  parentElement.dataset.done = "1";
  document.querySelector('[data-testid="stMain"]')?.scrollTo({ top: 0 });
}
"""


@cache
def _loader() -> ComponentRenderer:
    return st.components.v2.component(
        "torchlight_plotly",
        html="<span hidden></span>",
        js=_LOADER % get_plotlyjs(),
        isolate_styles=False,
    )


@cache
def _plot() -> ComponentRenderer:
    return st.components.v2.component(
        "torchlight_live_plot", html=_HTML, js=_JS, isolate_styles=False
    )


@cache
def _to_top() -> ComponentRenderer:
    return st.components.v2.component(
        "torchlight_to_top", html="<span hidden></span>", js=_TO_TOP, isolate_styles=False
    )


def scroll_to_top(key: str) -> None:
    """Bring the top of the page into view, once for each `key`."""
    _to_top()(key=f"to_top_{key}")


def load() -> None:
    """Send the library; once a page run, outside of any fragment."""
    _loader()(key="plotly_library")


def live_plot(drawing: Drawing, key: str, revision: str) -> None:
    """Draw or update the chart `key`; a zoom is kept as long as `revision` stays the same."""
    layout = {**drawing.layout, "uirevision": revision}
    _plot()(
        key=key,
        data={"traces": list(drawing.traces), "layout": layout, "alt": drawing.alt},
        height=int(layout["height"]),
    )
