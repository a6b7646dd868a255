"""Percentages beside fractions in one column."""

from __future__ import annotations

import numpy as np
import pytest

from automl_core.table.checks.mixed_percent import mixed_percent
from tests.table.checks.looked import one

SHARES = np.random.default_rng(4).uniform(0.02, 1, 200)


@pytest.mark.parametrize("every", [2, 9, 40])
def test_percentages_among_fractions(every: int) -> None:
    cells = [f"{v:.0%}" if i % every == 0 else f"{v:.2f}" for i, v in enumerate(SHARES)]
    finding = mixed_percent(*one(cells))
    assert finding is not None and cells[0] in finding.message


def test_one_scale_is_left_alone() -> None:
    both = [f"{v:.0%}" if i % 3 == 0 else f"{100 * v:.0f}" for i, v in enumerate(SHARES)]
    small = [f"{v:.2f}%" if i % 3 == 0 else f"{v:.2f}" for i, v in enumerate(SHARES)]
    for cells in (both, small, [f"{v:.0%}" for v in SHARES], [f"{v:.2f}" for v in SHARES]):
        assert mixed_percent(*one(cells)) is None
