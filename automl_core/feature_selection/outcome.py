"""The result of a selection: columns that stay, columns that leave and why. Plain records."""

from __future__ import annotations

from dataclasses import dataclass

from automl_core.features import Pair
from automl_core.types import DropReason


@dataclass(frozen=True)
class Dropped:
    """A column that leaves."""

    name: str
    why: DropReason
    of: str  # the column that a copy repeats
    gain: float  # beyond a shuffled copy's, as a share of what all columns gain


@dataclass(frozen=True)
class Step:
    """The best so many columns, on rows that neither ranked nor fitted."""

    columns: int
    score: float  # the run's metric, natural sign
    better: float  # than the list that was kept, > 0: better, in units of the metric
    error: float  # standard error of that difference, paired over rows


@dataclass(frozen=True)
class Combined:
    """Pairs of columns that became features, judged on rows that neither proposed nor fitted."""

    pairs: tuple[Pair, ...]  # best first; none: none pays
    proposed: int  # that were looked at
    better: float  # than without them, in units of the metric
    error: float  # standard error of that, paired over rows
    unfinished: bool = False  # the time did not suffice to tell


@dataclass(frozen=True)
class Chosen:
    """The columns that one set of training rows leads to."""

    kept: tuple[str, ...]  # best first
    dropped: tuple[Dropped, ...]  # best first, then constants and copies
    chance: float  # gain that chance alone may give, in the unit of Dropped.gain
    steps: tuple[Step, ...]  # longest first, the kept list among them; none: not looked for
    combined: Combined | None = None  # None: pairs were not looked for
