"""Targets that are hard to learn."""

from __future__ import annotations

import numpy as np

from tests.table.checks.looked import found

N = 400
RNG = np.random.default_rng(5)
NOISE = RNG.normal(size=N)


def test_a_long_tail_is_said_and_mended() -> None:
    (finding,) = found({"a": NOISE, "y": np.exp(2 * RNG.normal(size=N))}, "skewed_target", "y")
    assert finding.state == "fixed"
    for honest in (RNG.normal(size=N), RNG.gamma(4, 9, N), RNG.random(N)):
        assert not found({"a": NOISE, "y": honest}, "skewed_target", "y")


def test_too_few_rows_for_the_classes_or_the_columns() -> None:
    few = np.array(list("abcd"))[np.arange(40) % 4]
    assert found({"a": NOISE[:40], "y": few}, "too_few", "y")
    wide = {f"c{i}": RNG.normal(size=60) for i in range(80)}
    assert found({**wide, "y": RNG.normal(size=60)}, "too_few", "y")
    assert not found({"a": NOISE, "y": NOISE > 0}, "too_few", "y")


def test_rare_classes() -> None:
    y = np.array(["usual", "other"] * 200, object)
    y[:3] = "rare"
    (finding,) = found({"a": NOISE, "y": y}, "rare_class", "y")
    assert "3 rows" in finding.message and finding.severity == "info"
    y[1:3] = "usual"
    (finding,) = found({"a": NOISE, "y": y}, "rare_class", "y")
    assert "a single row" in finding.message and finding.severity == "warning"


def test_imbalance_has_a_setting_of_the_run_as_its_remedy() -> None:
    (finding,) = found({"a": NOISE, "y": ["yes"] * 8 + ["no"] * 392}, "imbalance", "y")
    assert finding.action is not None
    assert finding.action.values == ("class_weight", "balanced")
