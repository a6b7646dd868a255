"""Power laws through scores by rows: the truth at twice the rows lies in the band."""

from __future__ import annotations

import numpy as np
import pytest

from automl_core.evaluation.row_curve import RowScores, forecast


def measured(metric: str, law: tuple[float, float, float], noise: float, seed: int) -> RowScores:
    """Scores of three folds at six sizes that follow floor + scale * rows ** -power."""
    rng = np.random.default_rng(seed)
    rows = tuple(int(4000 / 2**i) for i in range(5, -1, -1))
    floor, scale, power = law
    loss = floor + scale * np.array(rows, float)[:, None] ** -power
    fold = rng.normal(0, noise, 3)  # some folds are harder, at every size
    loss = loss + fold + rng.normal(0, noise / 2, (6, 3))
    scores = 1 - loss if metric == "roc_auc" else loss
    return RowScores(metric, rows, tuple(map(tuple, scores.tolist())), 4000)


@pytest.mark.parametrize("metric", ["roc_auc", "log_loss"])
def test_the_truth_at_twice_the_rows_lies_in_the_band(metric: str) -> None:
    inside = 0
    for seed in range(20):
        law = (0.05 + 0.01 * seed, 2.0, 0.4 + 0.02 * seed)
        found = forecast(measured(metric, law, 0.002, seed))
        assert found is not None
        truth = law[0] + law[1] * 8000.0 ** -law[2]
        truth = 1 - truth if metric == "roc_auc" else truth
        slack = 1e-9
        inside += found.low[-1] - slack <= truth <= found.high[-1] + slack
        assert found.low[-1] <= found.middle[-1] <= found.high[-1]
        assert found.gain_low <= found.gain <= found.gain_high
        better = found.middle[-1] - found.now
        assert better == pytest.approx(found.gain if metric == "roc_auc" else -found.gain, abs=0.01)
    assert inside >= 15


def test_words_say_what_twice_the_rows_would_bring() -> None:
    steep = forecast(measured("rmse", (0.0, 50.0, 0.5), 0.001, 0))
    assert steep is not None
    assert "Twice the rows (4,000 to 8,000) would likely bring" in steep.sentence
    assert steep.gain == pytest.approx(50 * (4000**-0.5 - 8000**-0.5), rel=0.2)
    flat = forecast(RowScores("accuracy", (100, 200, 400, 800), ((0.8, 0.8),) * 4, 800))
    assert flat is not None and "next to nothing" in flat.sentence and flat.gain == 0
    falling = ((0.9,), (0.85,), (0.8,), (0.75,))  # worse with more rows: no law says so
    odd = forecast(RowScores("roc_auc", (100, 200, 400, 800), falling, 800))
    assert odd is not None and odd.gain == 0
    assert forecast(RowScores("rmse", (10, 20, 40), ((1.0,),) * 3, 40)) is None
