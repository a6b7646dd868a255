"""What rows are compared with: what is kept of the training rows."""

from __future__ import annotations

from typing import Protocol

from automl_core.scoring.column_reference import ColumnReference, UnlikeRule
from automl_core.scoring.expected_loss import ExpectedLoss


class TrainingRows(Protocol):
    """A model's reference, wherever it was read from."""

    @property
    def rows(self) -> int:
        """How many training rows were looked at."""

    @property
    def columns(self) -> tuple[ColumnReference, ...]:
        """What they were like."""

    @property
    def unlike(self) -> UnlikeRule | None:
        """From when on a row is unlike them."""

    @property
    def loss(self) -> ExpectedLoss | None:
        """How the model errs in rows like them."""
