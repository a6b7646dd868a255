"""The selection of columns and pairs in a run: when it is asked for, and from which rows.

It sends nothing to workers and writes no log. With many rows, also for each column, one selection
from training and validation rows serves all folds: its bias is small beside the noise of a score.
Otherwise each fold selects from its own training rows, so that validation scores stay unbiased
(Ambroise and McLachlan 2002).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from automl_core.feature_selection import VERY_MANY, Chosen
from automl_core.runs.coordinator.sentence_model import TextEmbeddingPlan
from automl_core.runs.executor import (
    ALL_FOLDS,
    ColumnsSelected,
    FoldTask,
    SelectTask,
    VisibleFeatures,
)
from automl_core.runs.record import (
    ChosenList,
    FeaturesSelected,
    RunSpec,
    RunState,
    SelectionRecord,
    summarize_selection,
)
from automl_core.runs.schedule import TimeBudget, limits
from automl_core.runs.setup import RunData

FEWEST_COLUMNS = 5  # below, there is nothing to choose
MANY_ROWS = 5_000  # training and validation rows from which one list serves all folds
ROWS_A_COLUMN = 20  # and so many of them for each column
WIDE = 300  # columns from which a selection is worth its time in a short run, too


class ColumnSelection:
    """Requests a selection for each fold and keeps the answers."""

    def __init__(self, spec: RunSpec, data: RunData, budget: TimeBudget) -> None:
        self._spec, self._data, self._budget = spec, data, budget
        folds, columns = data.folds, len(data.link.columns)
        self._rows = len(folds.train[0]) + len(folds.valid[0])
        enough = max(MANY_ROWS, ROWS_A_COLUMN * columns)
        self.one_list = folds.k == 1 or self._rows >= enough
        self._first = data.first  # folds that every trial has
        self.sentences = TextEmbeddingPlan(spec, data, budget)
        self._lists: dict[int, Chosen | None] = {}  # None: could not be made, all columns
        self._seconds = 0.0
        self._asked: set[int] = set()
        self._waiting: deque[int] = deque()
        self._parked: deque[tuple[FoldTask, ...]] = deque()  # folds whose columns are not known yet
        if _is_worth_it(spec, columns, budget):
            for fold in (ALL_FOLDS,) if self.one_list else range(data.first):
                self._ask(fold)

    def _ask(self, fold: int) -> None:
        if fold not in self._asked:
            self._asked.add(fold)
            self._waiting.append(fold)

    @property
    def is_answered(self) -> bool:
        """True if every requested selection has been answered."""
        return self._asked == set(self._lists)

    @property
    def changes(self) -> bool:
        """True if later models see other features than the first ones."""
        return self.sentences.ready or _narrow(self._lists)

    @property
    def share(self) -> float:
        """The share of the columns that models of the selected ones see, on average over folds."""
        seen = [self._lists[fold] for fold in self._lists]
        every = len(self._data.link.columns)
        kept = [every if chosen is None else len(chosen.kept) for chosen in seen]
        return sum(kept) / len(kept) / every if kept else 1.0

    def sees_selected(self, family: str, state: RunState, whole: bool = True) -> bool:
        """True if the next trial of a family sees the selected columns only.

        Always with one list for all folds, which many rows vouch for. With few rows every second
        trial of a family sees all columns, and the ensemble decides, where a `whole` fit of all is
        worth starting. The first one does, unless columns are very many: with all of them it
        would take the time of many trials.
        """
        if not _narrow(self._lists):
            return False
        mine = [t.selected for t in state.trials.values() if t.family == family]
        ahead = 2 * sum(mine) - len(mine)  # trials that see the selected columns, less the others
        wide = len(self._data.link.columns) >= VERY_MANY
        return self.one_list or ahead < 0 or not whole or (wide and ahead == 0)

    def next_task(self, left: float | None = None) -> tuple[SelectTask, NDArray[np.int64]] | None:
        """The next selection task and its training rows; None: none is waiting.

        With `left` seconds of training (None: no clock) that of a further fold is begun where it
        may end in them.
        """
        fold = next((f for f in self._waiting if self._is_in_time(f, left)), None)
        if fold is None:
            return None
        self._waiting.remove(fold)
        folds = self._data.folds
        rows = folds.train[max(fold, 0)]
        if fold == ALL_FOLDS and folds.k > 1:
            rows = np.sort(np.concatenate([folds.train[0], folds.valid[0]]))
        seconds, pairs = self._limits(fold)
        if left is not None and seconds is not None:
            seconds = min(seconds, max(0.0, left))
            pairs = None if pairs is None else min(pairs, max(0.0, left - seconds))
        entropy = np.random.SeedSequence((self._spec.options.seed, fold + 1, 1))
        seed = int(entropy.generate_state(1)[0])
        return SelectTask(self._data.link, fold, seed, seconds, pairs), rows

    def _limits(self, fold: int) -> tuple[float | None, float | None]:
        """Seconds for the columns of a fold, and for pairs of them besides; None without a clock.

        A further fold of models that lead gets no more than its part of the time.
        """
        tasks = self._data.folds.k
        if self.one_list or fold < self._first:
            tasks = 1 if self.one_list else self._first
        is_wide = 2 * len(self._data.link.columns) > self._rows
        # with groups or time, random halves would favour pairs that identify the group or the day
        has_pairs = self._data.link.rich and self._data.parted is None
        pairs = self._budget.pairs_seconds(tasks) if has_pairs else 0.0
        return self._budget.selection_seconds(tasks, is_wide), pairs

    def _is_in_time(self, fold: int, left: float | None) -> bool:
        return left is None or fold < self._first or self._expected(fold) <= left

    def _expected(self, fold: int) -> float:
        """Seconds that a selection takes: as those before it, and no longer than it may."""
        limit = sum(seconds or 0.0 for seconds in self._limits(fold))
        known = self._seconds / len(self._lists) if self._lists and self._seconds else limit
        return min(limit, known)

    def seconds_until(self, fold: int) -> float:
        """Seconds that go by, as expected, until the selected columns of this fold are known; 0
        where they are, or nothing is selected. Not with a number of trials as the budget."""
        key = ALL_FOLDS if self.one_list else fold
        is_known = not self._asked or key in self._lists
        return 0.0 if is_known else self._expected(key)

    def take(self, fold: int, selected: ColumnsSelected) -> None:
        """Store the answer of a fold's selection."""
        self._lists[fold] = selected.chosen
        self._seconds += selected.seconds

    def record(self) -> SelectionRecord:
        """The answers so far, as the run's folder keeps them."""
        lists = tuple(ChosenList(fold, chosen) for fold, chosen in sorted(self._lists.items()))
        return SelectionRecord(lists, self._seconds)

    def restore(self, record: SelectionRecord) -> None:
        """Know the answers of an earlier part of the run again; they are not asked for anew."""
        self._lists |= {one.fold: one.chosen for one in record.lists}
        self._seconds += record.seconds
        self._asked |= set(self._lists)
        self._waiting = deque(fold for fold in self._waiting if fold not in self._lists)

    def miss(self, fold: int) -> None:
        """A selection failed: all columns are used instead."""
        self._lists.setdefault(fold, None)

    def seen(self, fold: int) -> VisibleFeatures | None:
        """The features that a model of this fold sees; None: not known yet.

        Requests the selection of this fold if other folds have one and this one was not requested.
        """
        key = ALL_FOLDS if self.one_list else fold
        if not self._asked:
            return VisibleFeatures()
        if key not in self._lists:
            self._ask(key)
            return None
        return _seen(self._lists[key])

    def next_jobs(
        self, following: Callable[[], tuple[FoldTask, ...]], state: RunState
    ) -> tuple[FoldTask, ...]:
        """The next folds of one trial to start together, with their columns; empty: none can start.

        `following` gives folds that were not started before. Folds whose columns are not known
        yet are kept until they are.
        """
        for _ in range(len(self._parked)):
            self._parked.append(self._parked.popleft())
            if found := self.with_columns(self._parked[-1], state):
                self._parked.pop()
                return found
        while fresh := following():
            if found := self.with_columns(fresh, state):
                return found
            self._parked.append(fresh)
        return ()

    def with_columns(self, jobs: tuple[FoldTask, ...], state: RunState) -> tuple[FoldTask, ...]:
        trials = [state.trials[job.trial] for job in jobs]
        seen = [
            self.seen(job.fold) if trial.selected else VisibleFeatures()
            for job, trial in zip(jobs, trials, strict=True)
        ]
        if any(one is None for one in seen):
            return ()
        return tuple(
            replace(job, seen=replace(one or VisibleFeatures(), sentences=trial.sentences))
            for job, trial, one in zip(jobs, trials, seen, strict=True)
        )

    def event(self) -> FeaturesSelected | None:
        """The lists of the first partition as one event; None where none could be made."""
        lists = [chosen for chosen in self._lists.values() if chosen is not None]
        names = tuple(c.name for c in self._data.link.columns)
        return (
            summarize_selection(lists, names, self._spec.metric, self._seconds) if lists else None
        )


def _narrow(lists: dict[int, Chosen | None]) -> bool:
    """True if any selection leaves a column out or adds pairs."""
    return any(_seen(chosen) != VisibleFeatures() for chosen in lists.values())


def _seen(chosen: Chosen | None) -> VisibleFeatures:
    if chosen is None:
        return VisibleFeatures()
    pairs = () if chosen.combined is None else chosen.combined.pairs
    return VisibleFeatures(chosen.kept if chosen.dropped else (), pairs)


def _is_worth_it(spec: RunSpec, columns: int, budget: TimeBudget) -> bool:
    short = budget.is_short and columns < WIDE
    return spec.options.columns == "auto" and columns >= FEWEST_COLUMNS and not short


def why_not(spec: RunSpec, columns: int, budget: TimeBudget) -> str:
    """The reason, in words, why no columns are selected as was asked; "" where they are."""
    asked = spec.options.columns == "auto" and columns >= FEWEST_COLUMNS
    if not asked or _is_worth_it(spec, columns, budget):
        return ""
    return (
        f"All {columns} columns are used: a run of less than {limits.SHORT_RUN:g} s leaves no "
        "time to find out which are needed."
    )
