"""The certainty of the first place, over rows drawn anew."""

from __future__ import annotations

import numpy as np
import pytest

from automl_core.evaluation.first_place import Ranked, first_place
from automl_core.metrics import score


def made(n: int, noises: tuple[float, ...]) -> tuple[np.ndarray, list[Ranked]]:
    rng = np.random.default_rng(0)
    y = rng.normal(0, 1, n)
    found = []
    for i, noise in enumerate(noises):
        prediction = y + rng.normal(0, noise, n)
        found.append(Ranked(f"m{i}", score("rmse", y, prediction), prediction))
    return y, found


def test_a_clear_leader_is_sure_and_equals_are_not() -> None:
    y, models = made(2000, (0.5, 0.2, 0.4))
    found = first_place("rmse", y, models)
    assert found is not None and found.rows == 2000
    assert [m.name for m in found.models] == ["m1", "m2", "m0"]
    assert found.models[0].first == 1.0 and "m1 is sure of the first place" in found.sentence
    assert (found.models[0].low, found.models[0].high) == (1, 1)
    y, models = made(2000, (0.3, 0.3, 0.3, 0.3))
    found = first_place("rmse", y, models)
    assert found is not None and found.models[0].first < 0.95
    assert sum(m.first for m in found.models) == pytest.approx(1.0)
    assert "is sure" not in found.sentence and found.models[1].high > 1


def test_equal_predictions_share_the_first_place() -> None:
    y, models = made(500, (0.3,))
    twin = Ranked("twin", models[0].score, models[0].prediction)
    found = first_place("rmse", y, [*models, twin])
    assert found is not None and [m.first for m in found.models] == [0.5, 0.5]
    assert found.models[1].low == 1


def test_higher_scores_lead_where_they_are_better() -> None:
    y = np.arange(400) % 2
    good = np.clip(np.stack([1 - y, y], axis=1) + 0.2, 0, 1) / 1.2
    bad = np.full((400, 2), 0.5)
    models = [Ranked("bad", 0.5, bad), Ranked("good", 1.0, good)]
    found = first_place("roc_auc", y, models)
    assert found is not None and found.models[0].name == "good" and found.models[0].first == 1.0


def test_one_model_or_a_few_rows_say_nothing() -> None:
    y, models = made(500, (0.3,))
    assert first_place("rmse", y, models) is None
    y, models = made(5, (0.3, 0.4))
    assert first_place("rmse", y, models) is None
