"""The table by class: the same numbers as scikit-learn's, the pairs with their rows."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support

from automl_core.evaluation.class_table import class_table, few_words, rare_words


def generated(rows: int = 400, size: int = 4) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    y = rng.integers(0, size, rows)
    probabilities = rng.dirichlet(np.ones(size), rows)
    probabilities[np.arange(rows), y] += 0.3
    return y, probabilities / probabilities.sum(axis=1, keepdims=True)


def test_scores_are_those_of_scikit_learn() -> None:
    y, probabilities = generated()
    got = class_table(y, probabilities, list("abcd"))
    wanted = precision_recall_fscore_support(y, probabilities.argmax(axis=1))
    for values, name in zip(wanted, ("precision", "recall", "f1", "rows"), strict=True):
        assert [getattr(c, name) for c in got.classes] == pytest.approx(values.tolist())
    assert sum(c.predicted for c in got.classes) == 400


def test_pairs_are_those_of_the_rows_surest_mistakes_first() -> None:
    y, probabilities = generated()
    got = class_table(y, probabilities, list("abcd"))
    predicted = probabilities.argmax(axis=1)
    assert sum(pair.rows for pair in class_table(*generated(), "abcd").pairs) <= 400
    assert [p.rows for p in got.pairs] == sorted((p.rows for p in got.pairs), reverse=True)
    for pair in got.pairs:
        actual, taken = "abcd".index(pair.actual), "abcd".index(pair.predicted)
        assert pair.rows == ((y == actual) & (predicted == taken)).sum()
        assert pair.share == pytest.approx(pair.rows / (y == actual).sum())
        examples = list(pair.examples)
        assert (y[examples] == actual).all() and (predicted[examples] == taken).all()
        sure = probabilities[examples, taken]
        assert (np.diff(sure) <= 0).all()


def test_classes_with_one_row_none_and_never_predicted_are_said() -> None:
    y = np.array([0] * 40 + [1])
    probabilities = np.tile([0.8, 0.2, 0.0], (41, 1))
    got = class_table(y, probabilities, ["a", "b", "c"])
    assert [(c.rows, c.precision, c.recall) for c in got.classes] == [
        (40, 40 / 41, 1.0),
        (1, None, 0.0),
        (0, None, None),
    ]
    assert got.classes[2].f1 is None and got.classes[1].f1 == 0
    assert "1 class has fewer than 30 rows" in got.sentence
    assert "1 class without any" in got.sentence
    assert [(p.actual, p.predicted, p.rows, p.examples) for p in got.pairs] == [
        ("b", "a", 1, (40,))
    ]
    assert class_table(np.array([0, 1, 1]), np.eye(3)[[0, 1, 1]], ["a", "b", "c"]).pairs == ()


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([100, 50], ""),
        ([100, 0], ""),
        ([100, 1], "Only 1 of them is “b”"),
        ([100, 9], "Only 9 of them are “b”"),
        ([9, 100, 3], "2 classes have fewer than 10 of them"),
    ],
)
def test_classes_with_next_to_no_rows_are_said(rows: list[int], said: str) -> None:
    found = rare_words(np.repeat(np.arange(len(rows)), rows), list("abc"[: len(rows)]))
    assert said in found and bool(said) == bool(found)


def test_next_to_no_rows_are_said() -> None:
    assert few_words(10) == ""
    assert "With 1 row all" in few_words(1)
