"""Learning curves of the trials worth watching: running ones, the best, those that just ended.

Knows nothing about how a trial is trained; draws one trace a trial.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from automl_core.charts.drawing import MAX_POINTS, Drawing, Trace, escape, rounded, thin
from automl_core.charts.names import family_title, metric_short
from automl_core.charts.theme import BEST, TRAIN_DASH, VALID_DASH, family_colour, layout
from automl_core.metrics import METRICS
from automl_core.runs.record import Curve, RunState, Trial
from automl_core.types import Origin, TrialStatus

Loss = Literal["validation", "training", "score"]  # score: the metric, on validation rows
Point = tuple[float | None, float | None, int | None]  # percent, loss, epoch; None: a gap
MAX_RUNNING, MAX_BEST, MAX_RECENT = 12, 7, 3  # 22 lines; and the heads, and the best point
NEARLY_ALL = 97.0  # percent of a training; what ends before has stopped early
LETTER, LINE = 1.6, 0.06  # of a name: width in percent of progress, height as share of the axis


@dataclass(frozen=True)
class Line:
    """One trial's curve; `y` has None between the folds of a trial that still runs."""

    trial: int
    name: str
    family: str
    role: Literal["best", "good", "running", "ended"]
    status: TrialStatus
    x: tuple[float | None, ...]  # share of the planned training, in percent
    y: tuple[float | None, ...]
    epochs: tuple[int | None, ...]  # at each point (of a tree model: a batch of trees)


@dataclass(frozen=True)
class LossCurves:
    """The chosen trials' curves of one loss, best last so that it is drawn on top."""

    loss: Loss
    metric: str
    lines: tuple[Line, ...]
    others: int  # trials that have a curve and are not shown


def loss_curves(
    state: RunState, ranking: tuple[int, ...], metric: str, loss: Loss = "validation"
) -> LossCurves:
    """Curves of running trials, of the first of `ranking` (models, best first) and the newest."""
    lines = []
    for trial, role in _chosen(state, ranking):
        ended = {trial.extending} if role != "running" else set(trial.fold_scores)
        folds = sorted(set(trial.curves) - ended) or sorted(trial.curves)  # those that move
        curves = [trial.curves[fold] for fold in folds]
        points = _strands(curves, loss) if role == "running" else _mean(curves, loss)
        if any(y is not None for _, y, _ in points):
            x, y, epochs = zip(*points, strict=True)
            head = (trial.number, trial.name, trial.family, role, trial.status)
            lines.append(Line(*head, x, y, epochs))
    order = {"ended": 0, "good": 1, "running": 2, "best": 3}
    lines.sort(key=lambda line: (order[line.role], line.trial))
    with_curve = sum(_worth_showing(trial) for trial in state.trials.values())
    return LossCurves(loss, metric, tuple(lines), max(0, with_curve - len(lines)))


def _chosen(
    state: RunState, ranking: tuple[int, ...]
) -> list[tuple[Trial, Literal["best", "good", "running", "ended"]]]:
    trials = state.trials
    running = [t for t in trials.values() if t.status == TrialStatus.RUNNING and _worth_showing(t)]
    further = [t for t in trials.values() if t.extending in t.curves]  # one more fold is trained
    ranking = tuple(n for n in ranking if n in trials)  # the ensemble has no curve
    ranked = [trials[n] for n in ranking if _worth_showing(trials[n])]
    chosen: dict[int, tuple[Trial, Literal["best", "good", "running", "ended"]]] = {}
    for place, trial in enumerate(ranked[:MAX_BEST]):
        first = place == 0 and ranking[0] == trial.number
        if first or trial not in further:
            chosen[trial.number] = (trial, "best" if first else "good")
    for trial in (further + running)[-MAX_RUNNING:]:
        chosen.setdefault(trial.number, (trial, "running"))
    ended = [t for t in trials.values() if t.ended is not None and _worth_showing(t)]
    ended.sort(key=lambda t: t.ended or 0.0)
    for trial in ended[-MAX_RECENT:]:
        chosen.setdefault(trial.number, (trial, "ended"))
    return list(chosen.values())


def _worth_showing(trial: Trial) -> bool:
    return bool(trial.curves) and trial.origin != Origin.BASELINE


def _values(curve: Curve, loss: Loss) -> NDArray[np.float64]:
    lists = {
        "validation": curve.valid_loss, "training": curve.train_loss, "score": curve.valid_score
    }  # fmt: skip
    chosen = lists[loss]
    return np.array([np.nan if v is None else v for v in chosen], dtype=np.float64)


def _strands(curves: list[Curve], loss: Loss) -> list[Point]:
    """Each fold as it is, one after the other in one line with gaps between."""
    most = max(2, MAX_POINTS // max(1, len(curves)) - 1)
    points: list[Point] = []
    for curve in curves:
        values = _values(curve, loss)
        if points:
            points.append((None, None, None))
        points += [
            (rounded(100 * curve.progress[i]), rounded(values[i]), curve.epoch[i])
            for i in thin(len(values), most)
            if np.isfinite(values[i])
        ]
    return points


def _mean(curves: list[Curve], loss: Loss) -> list[Point]:
    """Mean over the folds; a fold that stopped early keeps its last value, so nothing jumps."""
    longest = max(curves, key=lambda c: len(c.epoch))
    places = thin(len(longest.epoch))
    grid = np.array([longest.epoch[i] for i in places])
    rows = []
    for curve in curves:
        values = _values(curve, loss)
        known = np.isfinite(values)
        if known.any():
            at = np.searchsorted(np.asarray(curve.epoch)[known], grid, side="right") - 1
            rows.append(np.where(at >= 0, values[known][np.maximum(at, 0)], np.nan))
    if not rows:
        return []
    table = np.stack(rows)
    have = np.flatnonzero(np.isfinite(table).any(axis=0))
    mean = np.nanmean(table[:, have], axis=0)
    return [
        (rounded(100 * longest.progress[places[i]]), rounded(float(v)), int(grid[i]))
        for i, v in zip(have, mean, strict=True)
    ]


def draw_curves(curves: LossCurves, logarithmic: bool = False) -> Drawing:
    """Colour is the family; best: vermillion and thick, with its best point; names at the ends."""
    dash = TRAIN_DASH if curves.loss == "training" else VALID_DASH
    named = {_group(line): line.trial for line in curves.lines}  # the last one is drawn strongest
    traces = [_line_trace(line, named[_group(line)] == line.trial, dash) for line in curves.lines]
    traces += [_best_point(line, curves) for line in curves.lines if line.role == "best"]
    traces.append(_heads(curves, logarithmic))
    title = f"{curves.loss.capitalize()} loss"
    if curves.loss == "score":
        title = f"{metric_short(curves.metric)} on validation rows"
    shape = layout("Training done, %", title, height=360)
    shape["showlegend"] = True
    shape["xaxis"] |= {"range": [0, 124], "tickvals": [0, 20, 40, 60, 80, 100]}  # room for names
    shape["yaxis"] |= {"type": "log"} if logarithmic else _window(curves)
    running = sum(line.role == "running" for line in curves.lines)
    alt = (
        f"{title} by training progress, {len(curves.lines)} trials of which {running} are running."
    )
    return Drawing(tuple(traces), shape, alt)


def _group(line: Line) -> str:
    return "best" if line.role == "best" else line.family


def _line_trace(line: Line, named: bool, dash: str) -> Trace:
    best, faint = line.role == "best", line.role in ("ended", "good")
    name = f"best trial: {line.name}" if best else family_title(line.family)
    return {
        "type": "scatter",
        "mode": "lines",
        "uid": f"trial-{line.trial}",
        "x": list(line.x),
        "y": list(line.y),
        "customdata": list(line.epochs),
        "name": escape(name),
        "legendgroup": _group(line),
        "showlegend": named,
        "legendrank": 1 if best else 1000,
        "opacity": 0.7 if faint else 1.0,
        "line": {
            "color": BEST if best else family_colour(line.family),
            "width": 3 if best else (1.25 if faint else 2),
            "dash": dash,
        },
        "connectgaps": False,
        "hovertemplate": f"<b>{escape(line.name)}</b> ({escape(_ending(line))})<br>"
        "epoch %{customdata}, %{x:.0f} %: %{y:.5g}<extra></extra>",
    }


def _ending(line: Line) -> str:
    """The status of a trial, and whether its training stopped before its planned end."""
    done = max((x for x in line.x if x is not None), default=0.0)
    early = line.status == TrialStatus.FINISHED and done < NEARLY_ALL
    return f"{line.status}, stopped early" if early else line.status


def _best_point(line: Line, curves: LossCurves) -> Trace:
    """The lowest loss of the best trial, or its best score."""
    highest = curves.loss == "score" and METRICS[curves.metric].higher_is_better
    known = [i for i, y in enumerate(line.y) if y is not None]
    best = max(known, key=lambda i: (line.y[i] or 0.0) * (1 if highest else -1))
    return {
        "type": "scatter",
        "mode": "markers",
        "uid": "best-point",
        "x": [line.x[best]],
        "y": [line.y[best]],
        "customdata": [line.epochs[best]],
        "showlegend": False,
        "marker": {"size": 12, "symbol": "star", "color": BEST},
        "hovertemplate": f"<b>{escape(line.name)}</b>, its best point<br>"
        "epoch %{customdata}, %{x:.0f} %: %{y:.5g}<extra></extra>",
    }


def _heads(curves: LossCurves, logarithmic: bool) -> Trace:
    """The last point of each line, with the trial's name where there is room."""
    last = []
    for line in curves.lines:
        points = [i for i, y in enumerate(line.y) if y is not None]
        last.append((line, points[-1]))
    extent = _extent(curves, logarithmic)
    names = _names(
        [(n, n.x[i] or 0.0, _height(n.y[i] or 0.0, extent, logarithmic)) for n, i in last]
    )
    return {
        "type": "scatter",
        "mode": "markers+text",
        "uid": "heads",
        "x": [line.x[i] for line, i in last],
        "y": [line.y[i] for line, i in last],
        "text": names,
        "textposition": "middle right",
        "cliponaxis": False,
        "showlegend": False,
        "hoverinfo": "skip",
        "marker": {
            "size": [7 if line.role in ("running", "best") else 4 for line, _ in last],
            "color": [
                BEST if line.role == "best" else family_colour(line.family) for line, _ in last
            ],
        },
    }


def _extent(curves: LossCurves, logarithmic: bool) -> tuple[float, float]:
    """Lowest and highest loss on the axis."""
    window = [] if logarithmic else _window(curves).get("range", [])
    values = window or [y for line in curves.lines for y in line.y if y is not None]
    return min(values, default=0.0), max(values, default=1.0)


def _height(loss: float, extent: tuple[float, float], logarithmic: bool) -> float:
    """The height at which a loss is drawn on the axis, 0 to 1."""
    low, high = extent
    if logarithmic and min(low, loss) > 0:
        low, high, loss = math.log(low), math.log(high), math.log(loss)
    return (loss - low) / (high - low) if high > low else 0.5


def _names(heads: list[tuple[Line, float, float]]) -> list[str]:
    """The lines' names; none where the line ends outside the chart, or a name stands already.

    The best comes first, then running ones. A training that stopped early says so.
    """
    order = {"best": 0, "running": 1, "good": 2, "ended": 3}
    names = [""] * len(heads)
    taken: list[tuple[float, float, float]] = []  # from, to (percent), height
    for place in sorted(range(len(heads)), key=lambda i: (order[heads[i][0].role], i)):
        line, x, height = heads[place]
        early = ", stopped early" if line.role == "best" and "early" in _ending(line) else ""
        text = f"{escape(line.name)}{early}"
        end = x + LETTER * (len(text) + 2)
        inside = -LINE <= height <= 1 + LINE
        if inside and all(abs(height - h) > LINE or x > b or end < a for a, b, h in taken):
            names[place] = f" {text}"
            taken.append((x, end, height))
    return names


def _window(curves: LossCurves) -> dict[str, Any]:
    """A range for the axis where a few wild first epochs would flatten all the rest."""
    values = np.array([y for line in curves.lines for y in line.y if y is not None])
    if len(values) < 20:
        return {}
    upwards = curves.loss == "score" and METRICS[curves.metric].higher_is_better
    values = -values if upwards else values  # so that the wild ones are the largest
    low, high, most = values.min(), float(np.quantile(values, 0.92)), values.max()
    if most - low <= 1.6 * (high - low):
        return {}
    edge = 0.08 * (high - low)
    ends = (low - edge, high + edge)
    return {"range": [rounded(v) for v in ((-ends[1], -ends[0]) if upwards else ends)]}
