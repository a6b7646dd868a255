"""The score of each trial over time: dots; the ensemble and the best trial so far as steps.

Knows nothing about how a score is computed, only which of two is better.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from automl_core.charts.drawing import MAX_POINTS, Drawing, Trace, escape, number, rounded, thin
from automl_core.charts.names import family_title, metric_short
from automl_core.charts.theme import BASELINE, BASELINE_DASH, BEST, family_colour, layout
from automl_core.metrics import METRICS, better
from automl_core.runs.record import RunState, Trial, is_partial
from automl_core.types import Origin, TrialStatus

SYMBOLS = {
    TrialStatus.FINISHED: "circle",
    TrialStatus.RUNNING: "circle-open",
    TrialStatus.PRUNED: "x",
    TrialStatus.STOPPED: "diamond",
    TrialStatus.DROPPED: "diamond-open",
}


@dataclass(frozen=True)
class ScorePoint:
    """One trial at the moment it ended, or a running one at its newest epoch."""

    trial: int
    name: str
    family: str
    status: TrialStatus
    seconds: float  # on the run's clock
    score: float


@dataclass(frozen=True)
class ScoreHistory:
    """Every scored trial, the best score after each improvement, and every ensemble's."""

    metric: str
    points: tuple[ScorePoint, ...]  # in order of time, the baseline's not among them
    best_seconds: tuple[float, ...]
    best_scores: tuple[float, ...]
    baseline: float | None
    seconds: float  # where the axis ends: the run's clock
    ensemble_seconds: tuple[float, ...] = ()
    ensemble_scores: tuple[float, ...] = ()


def score_history(state: RunState, metric: str, now: float | None = None) -> ScoreHistory:
    """Scores in the metric's natural sign; `now`: seconds on the run's clock."""
    clock = max(state.clock, now or 0.0)
    points, baseline = [], None
    for trial in state.trials.values():
        score = _score(trial)
        if score is None:
            continue
        if trial.origin == Origin.BASELINE:
            baseline = score if baseline is None else baseline
            continue
        ended = clock if trial.ended is None else trial.ended
        points.append(
            ScorePoint(trial.number, trial.name, trial.family, trial.status, ended, score)
        )
    points.sort(key=lambda p: (p.seconds, p.trial))
    partial = {t.number for t in state.trials.values() if is_partial(t, state)}
    whole = [p for p in points if p.trial not in partial] or points
    best_seconds, best_scores = _best_so_far(whole, metric)
    solved = [state.solved[i] for i in thin(len(state.solved))]
    return ScoreHistory(
        metric, tuple(points), best_seconds, best_scores, baseline, clock,
        tuple(t for t, _ in solved), tuple(score for _, score in solved),
    )  # fmt: skip


def _score(trial: Trial) -> float | None:
    if trial.status != TrialStatus.RUNNING:
        return trial.score
    newest = [c.valid_score[-1] for c in trial.curves.values() if c.valid_score]
    known = [s for s in newest if s is not None]
    return sum(known) / len(known) if known else None


def _best_so_far(
    points: list[ScorePoint], metric: str
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    seconds: list[float] = []
    scores: list[float] = []
    for point in points:
        if point.status in (TrialStatus.RUNNING, TrialStatus.PRUNED, TrialStatus.DROPPED):
            continue  # scored on part of the rows only, or unwanted: no claim to the lead
        if not scores or better(metric, point.score, scores[-1]):
            seconds.append(point.seconds)
            scores.append(point.score)
    return tuple(seconds), tuple(scores)


def draw_scores(history: ScoreHistory, from_baseline: bool = False) -> Drawing:
    """Colour is the family, the symbol says how the trial ended; better is named on the axis.

    Unless the axis is to begin at the baseline, it shows where the trials differ; a baseline
    that is then out of sight is named at the edge beyond which it lies.
    """
    metric = METRICS[history.metric]
    minutes = history.seconds > 240
    unit = 60.0 if minutes else 1.0
    window = [] if from_baseline else _window(history)
    traces = _baseline_trace(history, unit, window) + _dots(history, unit)
    traces += _lines(history, unit)  # on top
    direction = "higher" if metric.higher_is_better else "lower"
    shape = layout(
        "Minutes since start" if minutes else "Seconds since start",
        f"{metric_short(history.metric)} ({direction} is better)",
        height=360,
    )
    shape["showlegend"] = True
    shape["xaxis"]["rangemode"] = "tozero"
    if window:
        shape["yaxis"]["range"] = window
    best = f", best {number(history.best_scores[-1])}" if history.best_scores else ""
    if history.ensemble_scores:
        best += f", ensemble {number(history.ensemble_scores[-1])}"
    return Drawing(tuple(traces), shape, f"{metric.title} of {len(history.points)} trials{best}.")


def _baseline_trace(history: ScoreHistory, unit: float, window: list[float]) -> list[Trace]:
    if history.baseline is None:
        return []
    score, where = rounded(history.baseline), ""
    if window and not window[0] <= score <= window[1]:
        where = " ↓" if score < window[0] else " ↑"  # beyond this edge of the chart
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "uid": "baseline",
            "x": [0, rounded(history.seconds / unit)],
            "y": [score, score],
            "name": f"baseline {number(score)}{where}",
            "line": {"color": BASELINE, "width": 2, "dash": BASELINE_DASH},
            "hovertemplate": f"baseline: {number(score)}<extra></extra>",
        }
    ]


def _lines(history: ScoreHistory, unit: float) -> list[Trace]:
    """The best trial so far; over it the ensemble, which then is what the run would end with."""
    parts: list[tuple[str, str, tuple[float, ...], tuple[float, ...]]] = [
        ("best", "best trial so far", history.best_seconds, history.best_scores),
        ("ensemble", "ensemble", history.ensemble_seconds, history.ensemble_scores),
    ]
    shown = [part for part in parts if part[3]]
    return [_steps(history, unit, part, leads=part is shown[-1]) for part in shown]


def _steps(
    history: ScoreHistory,
    unit: float,
    part: tuple[str, str, tuple[float, ...], tuple[float, ...]],
    leads: bool,
) -> Trace:
    uid, name, seconds, scores = part
    y = [rounded(s) for s in scores]
    style = {"width": 2.5} if leads else {"width": 1.5, "dash": "dash"}
    return {
        "type": "scatter",
        "mode": "lines",
        "uid": uid,
        "x": [rounded(s / unit) for s in (*seconds, history.seconds)],
        "y": [*y, y[-1]],
        "name": name,
        "line": {"color": BEST, "shape": "hv", **style},
        "hovertemplate": f"{name}: %{{y:.5g}}<extra></extra>",
    }


def _dots(history: ScoreHistory, unit: float) -> list[Trace]:
    families: dict[str, list[ScorePoint]] = {}
    for point in history.points:
        families.setdefault(point.family, []).append(point)
    return [
        _family_dots(_thinned(points, history.metric), unit, 8 if len(history.points) < 150 else 5)
        for _, points in sorted(families.items())
    ]


def _thinned(points: list[ScorePoint], metric: str) -> list[ScorePoint]:
    """The newest third and the best of the rest, where there are more dots than a trace shows."""
    if len(points) <= MAX_POINTS:
        return points
    newest = points[-MAX_POINTS // 3 :]
    sign = -1.0 if METRICS[metric].higher_is_better else 1.0
    others = sorted(points[: -len(newest)], key=lambda p: sign * p.score)
    kept = others[: MAX_POINTS - len(newest)] + newest
    return sorted(kept, key=lambda p: (p.seconds, p.trial))


def _family_dots(points: list[ScorePoint], unit: float, size: int) -> Trace:
    family = points[0].family
    return {
        "type": "scatter",
        "mode": "markers",
        "uid": f"family-{family}",
        "x": [rounded(p.seconds / unit) for p in points],
        "y": [rounded(p.score) for p in points],
        "name": escape(family_title(family)),
        "showlegend": False,  # the same colours as on the learning curves, which name them
        "text": [f"{escape(p.name)} ({escape(p.status)})" for p in points],
        "marker": {
            "size": size,
            "color": family_colour(family),
            "opacity": 0.85,
            "symbol": [SYMBOLS.get(p.status, "circle") for p in points],
        },
        "hovertemplate": "<b>%{text}</b><br>%{y:.5g}<extra></extra>",
    }


def _window(history: ScoreHistory) -> list[float]:
    """A range that shows how the trials differ, however far the baseline is; [] without a trial.

    Of many scores the worst twentieth may lie outside.
    """
    scores = np.array([p.score for p in history.points if p.status != TrialStatus.RUNNING])
    if not len(scores):
        return []
    higher = METRICS[history.metric].higher_is_better
    leading = np.array([*scores, *history.ensemble_scores[-1:]])
    best = float(leading.max() if higher else leading.min())
    few = len(scores) < 5
    worst = float(np.quantile(scores, (0.0 if few else 0.05) if higher else (1.0 if few else 0.95)))
    # a single score, or equal ones: an edge that does not blow up what is no difference
    edge = max(0.12 * abs(best - worst), 0.002 * abs(best)) or 1.0
    low, high = sorted((best, worst))
    return [rounded(low - edge), rounded(high + edge)]
