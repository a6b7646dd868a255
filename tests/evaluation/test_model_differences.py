"""Agreement of two models, and the rows on which models differ most."""

from __future__ import annotations

import numpy as np
import pytest

from automl_core.evaluation.model_differences import (
    agreement,
    agreement_sentence,
    distances,
    most_different,
)

Y = np.array([0, 1, 1, 0])
ONE = np.array([[0.9, 0.1], [0.4, 0.6], [0.8, 0.2], [0.3, 0.7]])  # right, right, wrong, wrong
TWO = np.array([[0.2, 0.8], [0.4, 0.6], [0.1, 0.9], [0.3, 0.7]])  # wrong, right, right, wrong


def test_classes_agree_where_the_most_probable_one_is_the_same() -> None:
    found = agreement(Y, ONE, TWO)
    assert (found.equal, found.correlation) == (0.5, None)
    counts = (found.both_right, found.only_first, found.only_second, found.both_wrong)
    assert counts == (1, 1, 1, 1)
    assert found.apart == pytest.approx((0.7 + 0.7) / 4)
    words = agreement_sentence("a", "b", found, 4)
    assert "the same class for 50 % of the rows" in words and "a alone is right in 1" in words
    assert most_different([ONE, TWO, ONE]).tolist() in ([0, 2], [2, 0])


def test_values_correlate_and_the_nearer_one_is_counted() -> None:
    y = np.array([1.0, 2.0, 3.0])
    found = agreement(y, y + np.array([0.1, 0.2, 0.0]), y + np.array([0.0, 3.0, 0.0]))
    assert (found.only_first, found.only_second, found.both_right) == (1, 1, 1)
    assert found.equal is None and found.correlation is not None and found.correlation > 0.5
    assert "a is nearer to the actual value in 33 % of the rows" in (
        agreement_sentence("a", "b", found, 3)
    )
    constant = agreement(y, np.ones(3), y)
    assert constant.correlation is None
    assert "compared row by row" in agreement_sentence("a", "b", constant, 3)
    assert distances([y, y + 1, y - 1]).tolist() == [2.0, 2.0, 2.0]
    assert most_different([y, y]).tolist() == []
