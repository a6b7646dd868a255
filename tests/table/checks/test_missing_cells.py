"""Missing cells and their pattern."""

from __future__ import annotations

import numpy as np

from automl_core.table.checks.missing_cells import missing_together
from tests.table.checks.looked import evidence, found

N = 500
RNG = np.random.default_rng(1)


def gaps(share: float, same: np.ndarray | None = None) -> np.ndarray:
    where = RNG.random(N) < share
    if same is not None:
        where |= same
    return np.where(where, np.nan, RNG.normal(size=N))


def test_a_column_that_is_mostly_empty() -> None:
    (finding,) = found({"a": gaps(0), "b": gaps(0.8)}, "missing")
    assert (finding.columns, finding.state) == (("b",), "noted")  # nothing was changed
    assert not found({"a": gaps(0), "b": gaps(0.3)}, "missing")


def test_columns_that_are_empty_together() -> None:
    same = RNG.random(N) < 0.1
    columns = {"a": gaps(0.01, same), "b": gaps(0.01, same), "c": gaps(0.1), "d": gaps(0)}
    (finding,) = missing_together(evidence(columns))
    assert finding.columns == ("a", "b")
    assert all(same[row] for row in finding.rows) and len(finding.rows) == 5


def test_columns_that_are_often_empty_agree_by_chance() -> None:
    columns = {name: gaps(0.6) for name in "abcd"}
    assert missing_together(evidence(columns)) == []
