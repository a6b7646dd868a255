"""Learning curves of one trial, fold by fold: training and validation loss.

The live page compares trials (curves.py); this looks into one. Knows nothing of runs' folders.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import plotly.graph_objects as go

from automl_core.charts import theme
from automl_core.charts.drawing import thin
from automl_core.runs.state import Curve


@dataclass(frozen=True)
class FoldCurve:
    """Losses of one fold at some of its epochs; None where there is none."""

    fold: int
    epoch: tuple[int, ...]
    train_loss: tuple[float | None, ...]
    valid_loss: tuple[float | None, ...]


def fold_curves(curves: Mapping[int, Curve]) -> tuple[FoldCurve, ...]:
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


def draw_fold_curves(curves: tuple[FoldCurve, ...], height: int = 340) -> go.Figure:
    """A dashed line for training and a solid one for validation, per fold."""
    figure = go.Figure()
    alone = len(curves) == 1
    for first, curve in zip([True] + [False] * len(curves), curves, strict=False):
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
                    showlegend=first,
                    mode="lines" if len(curve.epoch) > 1 else "markers",
                    opacity=1.0 if alone else 0.75,
                    line={"color": colour, "dash": dash, "width": 2 if alone else 1.5},
                    hovertemplate=(
                        f"fold {curve.fold + 1}, {name}<br>"
                        "epoch %{x}: <b>%{y:.4g}</b><extra></extra>"
                    ),
                )
            )
    theme.styled(figure, "epoch", "loss (lower is better)", height)
    return figure
