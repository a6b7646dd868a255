"""What a person asks of a run before the table is known: names and words, not yet checked.

`runs/setup/spec_builder.py` holds it against the table and makes the RunSpec of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from automl_core.runs.record.spec import Budget, DuplicatePolicy
from automl_core.table import Role, TableInfo


@dataclass(frozen=True)
class TrainRequest:
    """The flags of `train`, one field a flag. "auto": decided from the table."""

    target: str
    budget: Budget
    task: Literal["auto", "binary", "multiclass", "regression"] = "auto"
    positive: str | None = None  # label of the positive class; None: decided from the labels
    metric: str = "auto"
    drop: tuple[str, ...] = ()
    roles: tuple[tuple[str, Role], ...] = ()  # (column, role), later ones win
    weight: str | None = None  # column of row weights
    group: str | None = None  # column whose equal rows are never on both sides; or a role
    time: str | None = None  # column by which the latest rows validate; or a role
    copies: DuplicatePolicy = (
        "keep"  # of a row: together: on one side of every split; drop: taken once
    )
    class_weight: Literal["off", "balanced"] = "off"
    folds: int = 0  # 0 auto, 1 a single holdout, k >= 2 cross-validation
    test_fraction: float = -1.0  # share of rows scored once, at the end; -1 auto, 0 none
    test: TableInfo | None = None  # a stored table that is scored once, instead of a share
    families: tuple[str, ...] = ()  # names of cards; empty: all
    workers: int = 0  # 0: one a usable core
    device: str = "auto"
    seed: int = 0
    columns: Literal["auto", "all"] = "auto"  # auto: columns that no model needs leave
    max_predict_ms: float | None = None  # milliseconds a row that the final model may take
    max_size_mb: float | None = None  # megabytes (10^6 bytes) that the final model may have
    features: Literal["full", "words", "plain"] = "full"  # see RunSpec
