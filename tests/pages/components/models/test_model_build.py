"""The validation of one model, in words."""

from __future__ import annotations

import pytest

from automl_core.runs.record import Trial, events
from automl_core.types import Origin
from pages.components.models.model_build import validation


@pytest.mark.parametrize(
    ("started", "parts", "folds", "repeat", "words"),
    [
        (1, None, 1, 0, "one part held out"),
        (1, 5, 1, 0, "one part held out"),
        (5, 5, 5, 1, "5-fold cross-validation, partition 2"),
        (1, 8, 3, 0, "3 of 8 parts, each held out once"),
        (1, 8, 8, 0, "8-fold cross-validation"),
    ],
)
def test_validation_in_words(
    started: int, parts: int | None, folds: int, repeat: int, words: str
) -> None:
    event = events.RunStarted(60.0, None, started, 100, 0, 0, 0, parts=parts)
    trial = Trial(1, "mlp-1", "mlp", {}, Origin.PORTFOLIO, 0.0, folds=folds, repeat=repeat)
    assert validation(event, trial) == words
