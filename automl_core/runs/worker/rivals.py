"""Compares trials that are trained as one at the same progress: those that fall behind end early.

The rule is the median stopping rule (Golovin et al., Google Vizier, 2017) among those that go on
side by side, so that it needs none that has ended.
"""

from __future__ import annotations

import statistics
from collections import Counter

from automl_core.runs.executor import FoldTask

FEWEST = 4  # trials that have come so far, the one that is judged among them


class Rivals:
    """The trials of one task."""

    def __init__(self, jobs: tuple[FoldTask, ...], at: tuple[float, ...]) -> None:
        """They are compared whenever they have come to a progress in `at`; (): they are not."""
        self._at = at
        self._folds = Counter(job.trial for job in jobs)
        self._judged = {job.trial for job in jobs if job.rival}
        self._losses: dict[tuple[float, int], dict[int, float]] = {}  # by fold
        self._due: list[tuple[float, int]] = []
        self._behind: set[int] = set()

    def note(self, job: FoldTask, progress: float, best: float | None) -> None:
        """A fold has come so far, with that best loss of the run's metric (None: not known)."""
        if best is None:
            return
        for at in self._at:
            losses = self._losses.setdefault((at, job.trial), {})
            if progress >= at and job.fold not in losses:
                losses[job.fold] = best
                if len(losses) == self._folds[job.trial]:
                    self._due.append((at, job.trial))

    def is_behind(self, trial: int) -> bool:
        """True for one that was worse than the median when it had come to one of the points.

        To be asked between steps, when all that came to a point in the same step are noted.
        """
        due, self._due = self._due, []
        for at, which in due:
            known = {
                other: statistics.fmean(losses.values())
                for (point, other), losses in self._losses.items()
                if point == at and len(losses) == self._folds[other]
            }
            enough = which in self._judged and len(known) >= FEWEST
            if enough and known[which] > statistics.median(known.values()):
                self._behind.add(which)
        return trial in self._behind
