"""Columns that give away a part, and honest strong columns that do not."""

from __future__ import annotations

import numpy as np
import pytest

from tests.table.checks.looked import found

N = 1_200
RNG = np.random.default_rng(6)
NOISE = {f"n{i}": RNG.normal(size=N) for i in range(5)}
CLASS = RNG.integers(0, 3, N)
LABEL = np.array(["won", "lost", "open"], object)[CLASS]
WEAK = CLASS + 2.5 * RNG.normal(size=N)


@pytest.mark.parametrize("covered", [0.4, 0.7])
def test_a_value_of_one_class_only(covered: float) -> None:
    words = np.array(["a", "b", "c"], object)[RNG.integers(0, 3, N)]
    state = np.where((CLASS == 1) & (RNG.random(N) < covered), "closed", words)
    (finding,) = found({**NOISE, "weak": WEAK, "state": state, "y": LABEL}, "leak", "y")
    assert finding.columns == ("state", "y") and "'closed'" in finding.message
    assert "'lost'" in finding.message and finding.action is not None and finding.rows


@pytest.mark.parametrize("task", ["classes", "numbers"])
def test_a_column_that_tells_nearly_all(task: str) -> None:
    y = RNG.normal(size=N)
    code = np.where(RNG.random(N) < 0.03, 1 - CLASS // 2, CLASS // 2)
    told = y + 0.18 * RNG.normal(size=N) if task == "numbers" else code
    answer = y if task == "numbers" else CLASS // 2
    (finding,) = found({**NOISE, "told": told, "y": answer}, "leak", "y")
    assert finding.columns == ("told", "y")


def test_a_strong_column_among_others_that_are_good_is_honest() -> None:
    truth = RNG.normal(size=N)
    good = {f"g{i}": truth + 0.4 * RNG.normal(size=N) for i in range(4)}
    strong = truth + 0.15 * RNG.normal(size=N)
    assert not found({**good, "strong": strong, "y": truth > 0}, "leak", "y")
    odour = np.where((truth > 0.4), "foul", np.array(["none", "spicy"], object)[CLASS // 2])
    assert not found({**good, "odour": odour, "y": truth > 0}, "leak", "y")
