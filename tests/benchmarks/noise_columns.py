"""Columns that tell nothing, of four kinds, beside those of a table."""

from __future__ import annotations

import numpy as np
import pandas as pd


def with_noise(frame: pd.DataFrame, count: int, rng: np.random.Generator) -> pd.DataFrame:
    """The table with `count` more columns, named `noise 0` and so on, drawn from `rng`."""
    n = len(frame)
    kinds = (
        lambda: rng.normal(size=n),
        lambda: rng.integers(0, 5, n),
        lambda: rng.choice(list("abcdefgh"), n),
        lambda: np.round(rng.exponential(size=n), 2),
    )
    noise = {f"noise {i}": kinds[i % len(kinds)]() for i in range(count)}
    return pd.concat([frame, pd.DataFrame(noise, index=frame.index)], axis=1)
