"""Learning curves of one trial: a line a fold and loss, thinned, empty ones left out."""

from __future__ import annotations

from automl_core.charts.folds import draw_fold_curves, fold_curves
from automl_core.runs.state import Curve


def curve(epochs: int, train: float | None = 1.0) -> Curve:
    return Curve(
        epoch=list(range(1, epochs + 1)),
        train_loss=[train] * epochs,
        valid_loss=[2.0] * epochs,
    )


def test_a_line_for_each_fold_and_loss() -> None:
    figure = draw_fold_curves(fold_curves({1: curve(3), 0: curve(2), 2: Curve()}))
    assert [(t.name, len(t.x), t.showlegend) for t in figure.data] == [
        ("training", 2, True), ("validation", 2, True),
        ("training", 3, False), ("validation", 3, False),
    ]  # fmt: skip


def test_long_curves_are_thinned_and_keep_their_ends() -> None:
    (fold,) = fold_curves({0: curve(5000)})
    assert len(fold.epoch) <= 300
    assert (fold.epoch[0], fold.epoch[-1]) == (1, 5000)


def test_a_model_without_training_loss_has_one_line() -> None:
    assert [t.name for t in draw_fold_curves(fold_curves({0: curve(2, None)})).data] == [
        "validation"
    ]
