"""What is kept of one column of the training rows, and from when on a row is unlike them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ColumnReference:
    """The values of a column in the training rows: quantiles of numbers, or shares of words."""

    name: str
    kind: str  # of the column's parse rule
    missing: float  # share of the rows
    points: tuple[float, ...] = ()  # numbers at evenly spaced ranks, from the least to the greatest
    words: tuple[str, ...] = ()  # most frequent first
    shares: tuple[float, ...] = ()  # of the rows that have a value, one a word
    more: bool = False  # there were other words, too

    @property
    def rest(self) -> float:
        """The share of all words that are not kept."""
        return max(0.0, 1.0 - sum(self.shares)) if self.more else 0.0

    @property
    def empty(self) -> bool:
        """No training row had a value."""
        return not self.points and not self.words


@dataclass(frozen=True)
class UnlikeRule:
    """From which score on a row counts as unlike the training data."""

    limit: float
    rate: float  # share of training rows that the rule calls so, measured on rows held out of it
