"""Learning curves of one trial, fold by fold: training and validation loss.

The live page compares trials (learning_curves.py); this looks into one. Knows no run folder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import plotly.graph_objects as go

from automl_core.charts import theme
from automl_core.charts.drawing import thin
from automl_core.runs.record import Curve


@dataclass(frozen=True)
class FoldCurve:
    """Losses of one fold at some of its epochs; None where there is none."""

    fold: int
    epoch: tuple[int, ...]
    train_loss: tuple[float | None, ...]
    valid_loss: tuple[float | None, ...]


def curves_of_folds(curves: Mapping[int, Curve]) -> tuple[FoldCurve, ...]:
    """The curves of a trial, thinned to what a chart can show; folds without a point left out."""
    folds = []
    for fold in sorted(curves):
        curve = curves[fold]
        keep = thin(len(curve.epoch))
        if keep:
            folds.append(
                FoldCurve(
                    fold,
                    tuple(curve.epoch[i] for i in keep),
                    tuple(curve.train_loss[i] for i in keep),
                    tuple(curve.valid_loss[i] for i in keep),
                )
            )
    return tuple(folds)


def mean_losses(curves: tuple[FoldCurve, ...]) -> FoldCurve:
    """The mean over folds; one that stopped early keeps its last value, so nothing jumps."""
    epochs = sorted({epoch for curve in curves for epoch in curve.epoch})
    epochs = [epochs[i] for i in thin(len(epochs))]
    train = [_held(curve.epoch, curve.train_loss, epochs) for curve in curves]
    valid = [_held(curve.epoch, curve.valid_loss, epochs) for curve in curves]
    return FoldCurve(-1, tuple(epochs), _mean(train), _mean(valid))


def _held(
    epoch: tuple[int, ...], losses: tuple[float | None, ...], epochs: list[int]
) -> list[float | None]:
    """The last loss known at each of `epochs`."""
    held, position, last = [], 0, None
    for wanted in epochs:
        while position < len(epoch) and epoch[position] <= wanted:
            last = losses[position] if losses[position] is not None else last
            position += 1
        held.append(last)
    return held


def _mean(rows: list[list[float | None]]) -> tuple[float | None, ...]:
    means: list[float | None] = []
    for column in zip(*rows, strict=True):
        known = [value for value in column if value is not None]
        means.append(sum(known) / len(known) if known else None)
    return tuple(means)


def draw_fold_curves(
    curves: tuple[FoldCurve, ...], step: str = "epoch", height: int = 340
) -> go.Figure:
    """Dashed for training, solid for validation: a faint line a fold, a strong one for the mean.

    `step`: what the model calls a step of learning.
    """
    figure = go.Figure()
    if len(curves) > 1:
        for curve in curves:
            _add(figure, curve, f"fold {curve.fold + 1}", step, faint=True)
        _add(figure, mean_losses(curves), "mean of the folds", step, faint=False)
    elif curves:
        _add(figure, curves[0], "one fold", step, faint=False)
    theme.styled(figure, step, "loss (lower is better)", height)
    return figure


def _add(figure: go.Figure, curve: FoldCurve, whose: str, step: str, faint: bool) -> None:
    for name, losses, colour, dash in (
        ("training", curve.train_loss, theme.TRAIN, theme.TRAIN_DASH),
        ("validation", curve.valid_loss, theme.VALID, theme.VALID_DASH),
    ):
        if all(loss is None for loss in losses):
            continue
        figure.add_trace(
            go.Scatter(
                x=list(curve.epoch),
                y=list(losses),
                name=name,
                legendgroup=name,
                showlegend=not faint,
                mode="lines" if len(curve.epoch) > 1 else "markers",
                opacity=0.3 if faint else 1.0,
                line={"color": colour, "dash": dash, "width": 1 if faint else 2.5},
                hovertemplate=(
                    f"{whose}, {name}<br>{step} %{{x}}: <b>%{{y:.4g}}</b><extra></extra>"
                ),
            )
        )
