"""The report as one HTML file that needs nothing else: no network, no other file.

Words from data are escaped; figures travel as JSON that cannot end its element. A policy in the
page forbids every request, and every script but the two that are written here.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import math
import unicodedata
from collections.abc import Iterator
from typing import Any

from automl_core.charts import plotly_script
from automl_core.report.content import Figure, Number, Report, Section, Table

STYLE = """
:root { color-scheme: light; --ink: #26241f; --quiet: #625f57; --line: #dcd8ce; --blue: #0072b2; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 32px 20px 64px; max-width: 720px; color: var(--ink);
  background: #fff; font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
h1 { font-size: 28px; line-height: 1.25; margin: 0 0 12px; overflow-wrap: anywhere; }
h2 { font-size: 21px; margin: 44px 0 8px; padding-top: 12px; border-top: 1px solid var(--line); }
p { margin: 8px 0; overflow-wrap: anywhere; }
.lead { font-size: 18px; }
nav { margin: 20px 0 0; font-size: 14px; }
nav a { color: var(--blue); margin-right: 14px; white-space: nowrap; }
.numbers { display: grid; grid-template-columns: repeat(3, 1fr); gap: 12px; margin: 20px 0 0; }
.number { border: 1px solid var(--line); border-radius: 8px; padding: 12px 14px; }
.number dt { font-size: 13px; color: var(--quiet); }
.number dd { margin: 2px 0; font-size: 23px; font-weight: 600; overflow-wrap: anywhere; }
.number p { margin: 0; font-size: 12.5px; color: var(--quiet); }
figure { margin: 22px 0; }
figcaption { font-weight: 600; }
.chart { width: 100%; max-width: 680px; }
.source { font-size: 12.5px; color: var(--quiet); }
figure > button { font: inherit; font-size: 12.5px; color: var(--blue); background: none;
  padding: 2px 8px;
  border: 1px solid var(--line); border-radius: 6px; cursor: pointer; }
.wide { overflow-x: auto; margin: 18px 0; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; }
caption { text-align: left; font-weight: 600; font-size: 16px; padding-bottom: 4px; }
th, td { text-align: left; vertical-align: top; padding: 4px 10px 4px 0;
  border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
td.right, th.right { text-align: right; font-variant-numeric: tabular-nums;
  overflow-wrap: break-word; }
@media (max-width: 560px) { .numbers { grid-template-columns: 1fr; } }
@media print {
  @page { margin: 14mm; }
  body { padding: 0; max-width: none; font-size: 11pt; }
  nav, figure > button { display: none; }
  h2, figcaption, caption { break-after: avoid; }
  figure, .number, tr { break-inside: avoid; }
  .wide { overflow: visible; }
}
"""

DRAW = """
const figures = JSON.parse(document.getElementById("figures").textContent);
function cell(value) {
  const text = String(value ?? "");
  const risky = /^[=@+\\-\\t\\r]/.test(text) && Number.isNaN(Number(text));
  return '"' + (risky ? "'" : "") + text.replaceAll('"', '""') + '"';
}
function plain(words) {
  return new DOMParser().parseFromString(String(words ?? ""), "text/html").body.textContent.trim();
}
function named(axis, value) {
  const place = axis?.tickvals?.indexOf(value) ?? -1;
  return place < 0 ? value : plain(axis.ticktext[place]);
}
function endsOf(trace, i) {
  for (const [error, middle] of [[trace.error_x, trace.x], [trace.error_y, trace.y]]) {
    const above = error?.array?.[i], below = error?.arrayminus?.[i] ?? above;
    const ends = [middle?.[i] - below, middle?.[i] + above];
    if (above || below) return ends.map((end) => Number(end.toPrecision(10)));
  }
  return ["", ""];
}
function rowsOf(trace, layout) {
  const x = trace.x ?? [], y = trace.y ?? [], name = plain(trace.name);
  const at = (j, i) => [name, named(layout.xaxis, x[j]), named(layout.yaxis, y[i])];
  if (trace.z) {
    return trace.z.flatMap((line, i) => line.map((value, j) => [...at(j, i), "", "", value]));
  }
  const labels = Array.isArray(trace.text) ? trace.text.map(plain) : [];
  const longest = y.length > x.length ? y : x;
  return Array.from(longest, (_, i) => [...at(i, i), ...endsOf(trace, i), "", labels[i]]);
}
function saveData(figure, name) {
  const rows = [["series", "x", "y", "low", "high", "value", "label"]];
  for (const trace of figure.data) rows.push(...rowsOf(trace, figure.layout));
  const text = rows.map((row) => row.map(cell).join(",")).join("\\r\\n");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], {type: "text/csv"}));
  link.download = name + ".csv";
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);  // the download reads it later
}
for (const place of document.querySelectorAll(".chart")) {
  const figure = figures[Number(place.dataset.figure)];
  const name = "figure-" + (Number(place.dataset.figure) + 1);
  const options = {displaylogo: false, responsive: true, toImageButtonOptions: {filename: name}};
  Plotly.newPlot(place, figure.data, figure.layout, options);
  const button = place.parentElement.querySelector(":scope > button");
  button.addEventListener("click", () => saveData(figure, name));
}
"""

TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # the direction of text
FONT = {"color": "#26241f", "family": "system-ui, sans-serif", "size": 12}
NO_SCRIPT = "The figures are drawn by JavaScript; the sentence below each says what it shows."


def report_page(report: Report) -> str:
    """The HTML text, UTF-8 when it is written; about 5 MB, nearly all of them the drawing library.

    The same report gives the same text.
    """
    figures = [figure for section in report.sections for figure in section.figures]
    library = plotly_script().replace("</script", "<\\/script")
    numbered = {id(figure): place for place, figure in enumerate(figures)}
    body = "".join(_section(section, numbered) for section in report.sections)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_policy(library, DRAW)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{_safe(report.title)}</title>
<style>{STYLE}</style>
</head>
<body>
<header>
<h1>{_safe(report.title)}</h1>
<p class="lead">{_safe(report.headline)}</p>
<dl class="numbers">{"".join(map(_number, report.numbers))}</dl>
<nav>{_contents(report)}</nav>
<noscript><p>{NO_SCRIPT}</p></noscript>
</header>
<main>{body}{_trace(report)}</main>
<script type="application/json" id="figures">{_json(figures)}</script>
<script>{library}</script>
<script>{DRAW}</script>
</body>
</html>
"""


def _policy(*scripts: str) -> str:
    """No request at all, and no script but these."""
    digests = [hashlib.sha256(script.encode()).digest() for script in scripts]
    allowed = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def _safe(text: str) -> str:
    """Words from anywhere as text: no markup, no control characters, no turned direction."""
    return html.escape("".join("�" if _is_control(c) else c for c in text))


def _is_control(character: str) -> bool:
    kind = unicodedata.category(character)
    return (kind in ("Cc", "Cs") and character != "\n") or character in TURNING


def _json(figures: list[Figure]) -> str:
    """Traces and layouts as JSON in which no letter can end the element that it stands in."""
    plain = [
        {
            "data": list(figure.drawing.traces),
            "layout": figure.drawing.layout | {"font": FONT, "autosize": True},
        }
        for figure in figures
    ]
    text = json.dumps(_finite(plain), ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _finite(value: Any) -> Any:
    """The same plain data with null for each number that JSON does not have."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(part) for key, part in value.items()}
    return [_finite(part) for part in value] if isinstance(value, (list, tuple)) else value


def _contents(report: Report) -> str:
    entries = [(section.key, section.title) for section in report.sections]
    return "\n".join(
        f'<a href="#{key}">{_safe(title)}</a>' for key, title in [*entries, ("trace", "Trace")]
    )


def _number(number: Number) -> str:
    return (
        f'<div class="number"><dt>{_safe(number.label)}</dt><dd>{_safe(number.value)}</dd>'
        f"<p>{_safe(number.note)}</p></div>"
    )


def _section(section: Section, numbered: dict[int, int]) -> str:
    parts = [f'<section id="{section.key}"><h2>{_safe(section.title)}</h2>']
    parts += [f"<p>{_safe(words)}</p>" for words in section.paragraphs]
    parts += [_figure(figure, numbered[id(figure)]) for figure in section.figures]
    parts += [_table(table) for table in section.tables]
    return "\n".join([*parts, "</section>"])


def _figure(figure: Figure, place: int) -> str:
    height = int(figure.drawing.layout.get("height") or 320)
    alt = _safe(html.unescape(figure.drawing.alt))  # it is escaped for Plotly already
    return (
        f"<figure><figcaption>{_safe(figure.title)}</figcaption>"
        f'<div class="chart" role="img" aria-label="{alt}" data-figure="{place}" '
        f'style="height: {height}px"></div><p>{_safe(figure.sentence)}</p>{_source(figure.source)}'
        '<button type="button">Data of this figure</button></figure>'
    )


def _source(words: str) -> str:
    return f'<p class="source">Source: {_safe(words)}</p>' if words else ""


def _table(table: Table) -> str:
    def cells(words: tuple[str, ...], tag: str) -> Iterator[str]:
        for place, word in enumerate(words):
            right = ' class="right"' if place in table.numeric else ""
            yield f"<{tag}{right}>{_safe(word)}</{tag}>"

    head = ""
    if any(table.header):
        head = f"<thead><tr>{''.join(cells(table.header, 'th'))}</tr></thead>"
    rows = "".join(f"<tr>{''.join(cells(row, 'td'))}</tr>\n" for row in table.rows)
    return (
        f'<div class="wide"><table><caption>{_safe(table.title)}</caption>{head}'
        f"<tbody>{rows}</tbody></table>{_source(table.source)}</div>"
    )


def _trace(report: Report) -> str:
    table = Table("What every number can be found again by", ("", ""), report.trace)
    return f'<section id="trace"><h2>Trace</h2>{_table(table)}</section>'
