"""The validation plan of a run: the number of folds and partitions, with the reason.

Where the budget suffices for all folds of every trial, that is the plan. Otherwise the rows are
dealt into as many parts, but a trial starts on the first of them only, and the models that lead
are trained on further parts as seconds last (schedule/further_folds.py).

Pure: rows, columns, budget and speed in, a plan out. Starts nothing and splits nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from automl_core.runs.record import RunSpec
from automl_core.splitting import HOLDOUT_SHARE, MAX_HOLDOUT
from automl_core.table import Column
from automl_core.words import percent

SMALL, MEDIUM, LARGE = 1_000, 10_000, 50_000  # rows that train and validate

FITS = {SMALL: 6, MEDIUM: 6, LARGE: 5}
"""Reference fits, every fold of them, that must fit into SHARE of the budget: few suffice on a
small table, where a noisy score misleads more than a model less would cost."""

LEAST_FITS = {SMALL: 3, MEDIUM: 4, LARGE: 5}
"""The same for 3 folds: before a table of this size gets a holdout, whose score is noisier."""

CHOICES = {SMALL: (8, 5, 3), MEDIUM: (8, 5, 3, 1), LARGE: (5, 3, 1)}
"""Numbers of folds, the best first: more folds leave more rows to train."""

PARTS = {SMALL: 8, MEDIUM: 8, LARGE: 5}
"""Parts that the rows are dealt into where a trial starts on the first ones only; more where a
part would have more rows than a holdout, up to MOST_PARTS."""

MOST_PARTS = 20

FIRST_ROWS = 1_500
"""Rows on which a trial is compared at first, where its plan has time for several folds."""

SHARE = 0.5

TREES_SECONDS = 5e-6
"""Of gradient boosting with its default settings, a row, column and output (a class, or 1)."""

NETWORK_SECONDS = 1.5e-4
"""Of a network, a row that trains; half as much again for each 25 columns."""

NETWORK_START, START_ROWS = 3.0, 1_000
"""Small tables get more epochs: seconds on top, all of them from so many rows on."""

COLUMNS_OF = {"text": 100, "datetime": 5}
"""Plain columns that one of another kind counts for, once it is encoded."""

COPIES = {"together": "Duplicate rows stay together.", "drop": "Duplicate rows count once."}


@dataclass(frozen=True)
class ValidationPlan:
    """`repeats` partitions of the rows into `k` folds; k = 1 is a single holdout."""

    k: int
    repeats: int
    rows: int  # that train or validate
    first: int = 0  # folds that every trial has; those that lead are trained on all k. 0: all k
    cause: str = ""  # of this number of folds, in words
    time: str | None = None  # column by which the latest rows validate
    notes: tuple[str, ...] = ()  # further sentences

    @property
    def started(self) -> int:
        """The folds that every trial is trained on."""
        return min(self.first or self.k, self.k)

    @property
    def reason(self) -> str:
        """The plan in a few sentences, for people."""
        if self.time is not None:
            first = (
                f"One holdout: of {self.rows:,} rows the latest {percent(HOLDOUT_SHARE)} by "
                f"{self.time!r} validate, and all that train came before them."
            )
        elif self.started < self.k:
            rows = round(self.started * self.rows / self.k)
            first = (
                f"The rows are dealt into {self.k} parts, and models are compared on the first "
                f"{_parts(self.started)} ({rows:,} rows), without which they train; {self.cause}. "
                "Those that lead are trained on further parts, as time allows."
            )
        else:
            first = f"{_title(self.k, self.rows)}; {self.cause}."
        further = []
        if self.repeats > 1 and self.started == self.k:
            count = _count(self.repeats - 1, "further partition")
            further.append(f"Models that lead may be trained on {count}.")
        return " ".join([first, *further, *self.notes])


def choose_validation(
    rows: int,
    classes: int,
    columns: int,
    smallest_class: int,
    budget_seconds: float | None,
    workers: int,
    speed: float,
) -> ValidationPlan:
    """The stated rule. `rows` train and validate; `classes` is 0 for regression.

    - Up to 1,000 rows 8 folds, where needed 5 or 3, and 4 further partitions.
    - Up to 10,000 rows 8 folds, where needed 5, 3 or a holdout, and 2 further partitions.
    - Above, 5 folds, where needed 3 or a holdout; without a clock 3 folds up to 50,000 rows.
    - With a clock, where that would be 3 folds or a holdout, the rows are dealt into PARTS, and a
      trial starts on the first of them: on as many as hold FIRST_ROWS, where 3 folds have time.

    Needed: a number of reference fits (FITS, of 3 folds LEAST_FITS; the mean of default gradient
    boosting and a network), each of k folds, must fit into half of the budget's core seconds.
    `speed` is how many times faster than the reference one core is. Further partitions are for
    the models that lead, late in a run. A fold has 3 rows at least and, of two classes, a row of
    each.
    """
    size = SMALL if rows <= SMALL else MEDIUM if rows <= MEDIUM else LARGE
    choices: Sequence[int] = CHOICES[size]
    seconds = None if budget_seconds is None else SHARE * budget_seconds * workers * speed
    if seconds is not None:
        fits = {k: (FITS if k > 3 else LEAST_FITS)[size] for k in choices}
        needed = {k: fits[k] * _fold_seconds(rows, columns, classes, k) for k in choices}
        k = next((k for k in choices if needed[k] <= seconds), choices[-1])
    else:
        k = choices[0] if size != LARGE else 3 if rows <= LARGE else 1
    cause = f"chosen for {rows:,} rows"
    if budget_seconds is not None:
        cause += f", {budget_seconds:g} s on {_count(workers, 'worker')}"
        if k != choices[0]:
            cause += f", where {choices[0]} folds would leave time for too few models"
    first = 0
    parts = max(PARTS[size], -(-rows // MAX_HOLDOUT))
    if budget_seconds is not None and k <= 3 and parts <= MOST_PARTS:
        first = min(k, -(-FIRST_ROWS * parts // rows))
        k = parts
    if k > 1:
        k = min(k, _most_folds(rows, classes, smallest_class))
    return ValidationPlan(k, _repeats(rows, k), rows, first, cause)


def planned(
    spec: RunSpec,
    columns: Sequence[Column],
    counts: Sequence[int],
    rows: int,
    workers: int,
    speed: float,
) -> ValidationPlan:
    """The plan of a run: as asked for, by time, or by the rule.

    `counts` are the rows of each class, empty for regression.
    """
    asked = spec.options.folds
    notes = []
    if spec.options.group is not None:
        notes.append(f"Rows of one {spec.options.group!r} stay together.")
    if spec.options.copies != "keep":
        notes.append(COPIES[spec.options.copies])
    if spec.options.time is not None:
        plan = ValidationPlan(1, 1, rows, time=spec.options.time)
    elif asked:
        plan = ValidationPlan(asked, _repeats(rows, asked), rows, cause="as asked for")
    else:
        plan = choose_validation(
            rows,
            len(counts),
            sum(COLUMNS_OF.get(c.role, 1) for c in columns),
            min(counts, default=rows),
            spec.options.budget.seconds,
            workers,
            speed,
        )
    return replace(plan, notes=tuple(notes))


def as_done(plan: ValidationPlan, k: int, repeats: int, untimed: int) -> ValidationPlan:
    """The plan with as many folds and partitions as the rows, or their groups, allowed.

    `untimed` rows have no time.
    """
    notes = plan.notes
    if k < plan.k:
        notes += (f"More than {k} folds are not possible.",)
    if untimed:
        notes += (f"Rows without a time ({untimed:,}) count as the earliest.",)
    return replace(plan, k=k, repeats=repeats, notes=notes)


def _fold_seconds(rows: int, columns: int, classes: int, k: int) -> float:
    """Core seconds of one reference fit on each of k folds."""
    trained = rows - _held(rows) if k == 1 else rows * (1 - 1 / k)
    outputs = classes if classes > 2 else 1
    trees = TREES_SECONDS * trained * columns * outputs
    start = NETWORK_START * min(1.0, trained / START_ROWS)
    network = start + NETWORK_SECONDS * trained * (1 + columns / 50)
    return k * (trees + network) / 2


def _most_folds(rows: int, classes: int, smallest_class: int) -> int:
    most = rows // 3
    if classes == 2:
        most = min(most, smallest_class)
    return max(2, most)


def _repeats(rows: int, k: int) -> int:
    if k == 1 or rows > MEDIUM:
        return 1
    return 5 if rows <= SMALL else 3


def _title(k: int, rows: int) -> str:
    if k > 1:
        return f"{k}-fold cross-validation: every row validates once"
    return f"One holdout: {_held(rows):,} rows validate"


def _parts(count: int) -> str:
    return "one" if count == 1 else str(count)


def _held(rows: int) -> int:
    return min(MAX_HOLDOUT, max(1, round(HOLDOUT_SHARE * rows)))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
