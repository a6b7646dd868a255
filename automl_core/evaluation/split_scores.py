"""The scores of one small model on the same rows, under two splits.

Apart from split_comparison.py, which computes them, so that pages load no learning library.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SplitScores:
    """A metric's values: on a random split, and on one by groups, time or copies."""

    metric: str
    at_random: float
    apart: float  # groups or copies together, or the latest rows
    rows: int  # that both splits used
