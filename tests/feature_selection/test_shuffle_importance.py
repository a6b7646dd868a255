"""The cost of shuffling a column: the columns an answer leans on stand out, others cost nothing."""

from __future__ import annotations

import numpy as np
import pytest

from automl_core.feature_selection.quick_booster import OutOfTimeError
from automl_core.feature_selection.sample import Sample
from automl_core.feature_selection.shuffle_importance import rises
from automl_core.types import StopReason
from tests.feature_selection.generated import never, question, table


@pytest.mark.parametrize("weighted", [False, True])
def test_columns_that_tell_cost_more_than_noise(weighted: bool) -> None:
    sample, names = table(600, 8)
    if weighted:
        sample = Sample(sample.typed, sample.y, np.linspace(0.0, 2.0, 600))
    found = rises(question(names), sample, np.arange(200), np.arange(1, 12), 0, never)
    assert found[0] == 0.0  # not asked about
    assert found[8:].min() > 5 * max(0.0, found[:8].max())


def test_values_are_told_by_their_squared_error() -> None:
    sample, names = table(600, 4)
    numbers = sample.typed.columns["tells 1"].numbers
    assert numbers is not None
    sample = Sample(sample.typed, 10 * numbers, None)
    found = rises(question(names, "regression"), sample, np.arange(200), np.arange(8), 0, never)
    assert found.argmax() == names.index("tells 1")
    assert found.max() == pytest.approx(2 * np.var(sample.y), rel=0.5)


def test_it_ends_when_asked_to() -> None:
    sample, names = table(200, 4)
    with pytest.raises(OutOfTimeError):
        rises(question(names), sample, np.arange(50), np.arange(8), 0, lambda: StopReason.TIME)
