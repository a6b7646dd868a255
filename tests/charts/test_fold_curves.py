"""Learning curves of one trial: a line a fold and loss, thinned, empty ones left out."""

from __future__ import annotations

from automl_core.charts.fold_curves import curves_of_folds, draw_fold_curves, mean_losses
from automl_core.runs.record.state import Curve


def curve(epochs: int, train: float | None = 1.0) -> Curve:
    return Curve(
        epoch=list(range(1, epochs + 1)),
        train_loss=[train] * epochs,
        valid_loss=[2.0] * epochs,
    )


def test_a_faint_line_for_each_fold_and_a_strong_one_for_the_mean() -> None:
    figure = draw_fold_curves(curves_of_folds({1: curve(3), 0: curve(2), 2: Curve()}))
    assert [(t.name, len(t.x), t.showlegend) for t in figure.data] == [
        ("training", 2, False), ("validation", 2, False),
        ("training", 3, False), ("validation", 3, False),
        ("training", 3, True), ("validation", 3, True),
    ]  # fmt: skip


def test_the_mean_does_not_jump_where_a_fold_stops_early() -> None:
    folds = curves_of_folds({0: curve(4, train=1.0), 1: curve(2, train=3.0)})
    assert mean_losses(folds).epoch == (1, 2, 3, 4)
    assert mean_losses(folds).train_loss == (2.0, 2.0, 2.0, 2.0)


def test_long_curves_are_thinned_and_keep_their_ends() -> None:
    (fold,) = curves_of_folds({0: curve(5000)})
    assert len(fold.epoch) <= 300
    assert (fold.epoch[0], fold.epoch[-1]) == (1, 5000)


def test_a_model_without_training_loss_has_one_line() -> None:
    assert [t.name for t in draw_fold_curves(curves_of_folds({0: curve(2, None)})).data] == [
        "validation"
    ]
