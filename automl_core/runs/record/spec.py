"""What was asked for: a frozen, versioned record that never changes once a run has started."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from automl_core.errors import SpecError
from automl_core.types import Task

FORMAT_VERSION = 1
MAX_SECONDS = 7 * 24 * 3600.0

DuplicatePolicy = Literal["keep", "together", "drop"]
"""Of a row that occurs more than once: keep all its copies as they fall, keep them on one side of
every split, or drop all but the first."""


_TIME = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s?)?", re.IGNORECASE)


def parse_seconds(text: str) -> float:
    """A time in seconds: "120s", "5m", "1h30m", or plain seconds; SpecError otherwise."""
    match = _TIME.fullmatch(text.strip())
    if not text.strip() or match is None:
        raise SpecError(
            f"{text!r} is not a budget.", "Give for example 120s, 5m, 1h, or a number of seconds."
        )
    hours, minutes, seconds = (float(part or 0) for part in match.groups())
    return 3600 * hours + 60 * minutes + seconds


@dataclass(frozen=True)
class TableLink:
    """The stored table that a run was started on."""

    hash: str  # content hash; the file is tables/<hash>.arrow
    name: str  # what the user called it: the file's name, never used as a path
    rows: int
    settings: dict[str, str]  # how it was read, for people


@dataclass(frozen=True)
class Validation:
    """How rows are set apart; 0 folds: chosen by the rows, the budget and the machine."""

    folds: int = 0  # 0 auto (runs/setup/validation.py), 1 a single holdout, k >= 2 k-fold
    test_fraction: float = -1.0  # share of rows scored once, at the end; -1 auto, 0 none


@dataclass(frozen=True)
class Budget:
    """Either seconds or a number of trials; a number of trials is reproducible."""

    seconds: float | None = None
    trials: int | None = None

    def __post_init__(self) -> None:
        if (self.seconds is None) == (self.trials is None):
            raise SpecError("A run needs a time budget or a number of trials, one of the two.")
        if self.seconds is not None and not 1 <= self.seconds <= MAX_SECONDS:
            raise SpecError(
                f"A budget of {self.seconds:g} s is outside 1 second to 7 days.",
                "Give for example 60s, 5m or 1h.",
            )
        if self.trials is not None and not 1 <= self.trials <= 100_000:
            raise SpecError(
                f"{self.trials} trials asked for.", "Give a number between 1 and 100000."
            )


@dataclass(frozen=True)
class RunSpec:
    """A run, as asked for. Roles, drops and parse rules are in the run's schema.json."""

    table: TableLink
    target: str
    task: Task
    metric: str
    budget: Budget
    positive: str | None = None  # label of the positive class, binary only
    class_weight: Literal["off", "balanced"] = "off"
    weight: str | None = None  # column of row weights
    group: str | None = None  # column whose equal rows are never on both sides
    time: str | None = None  # column by which the latest rows validate
    copies: DuplicatePolicy = "keep"  # of a row: on one side of every split, or taken once
    drop: tuple[str, ...] = ()
    validation: Validation = Validation()
    test: TableLink | None = None  # a table of its own that is scored once, at the end
    families: tuple[str, ...] = ()  # names of cards; empty: all
    workers: int = 0  # 0: one a usable core
    device: str = "auto"
    seed: int = 0
    columns: Literal["auto", "all"] = "auto"  # auto: columns that no model needs leave
    max_predict_ms: float | None = None  # milliseconds a row that the final model may take
    max_size_mb: float | None = None  # megabytes (10^6 bytes) that the final model may have
    features: Literal["full", "words", "plain"] = "full"  # words: no sentence model, even where
    # one is installed; plain: what Encoding.rich=False says
    format_version: int = FORMAT_VERSION
