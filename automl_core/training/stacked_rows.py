"""The rows of networks that are trained as one, and which of them each sees in a step."""

from __future__ import annotations

import torch
from torch import Tensor

from automl_core.training.loop import TrainingRows
from automl_core.training.row_shuffler import RowShuffler


class StackedRows:
    """Rows of several trainings; those that train on the same rows share them."""

    def __init__(self, batch: int) -> None:
        self.batch = batch
        self.all: TrainingRows  # one part after the other
        self._parts: list[TrainingRows] = []
        self._of: list[TrainingRows] = []  # by place
        self._orders: Tensor | None = None  # (places, rows) row numbers in `all`
        self._epochs: list[int] = []  # by place: what its order is of

    def add(self, rows: TrainingRows, place: int) -> None:
        """The training in this place, the next or one that is taken, has these rows."""
        self._of[place : place + 1] = [rows]
        self._orders = None
        if not any(part is rows for part in self._parts):
            self._parts = [*(p for p in self._parts if any(p is q for q in self._of)), rows]
            self.all = _joined(self._parts)

    def keep(self, places: list[int]) -> None:
        """Leave out the trainings in all places but these."""
        self._of = [self._of[place] for place in places]
        self._orders = None

    def pick(self, wanted: list[tuple[RowShuffler, int, int]]) -> Tensor:
        """Row numbers of one batch of each (places, batch).

        `wanted` by place: the order of its rows, the epoch, and the batch's number in it.
        """
        if self._orders is None:
            longest = max(len(rows.x) for rows in self._of)
            device = self.all.x.device
            self._orders = torch.zeros(len(self._of), longest, dtype=torch.int64, device=device)
            self._epochs = [-1] * len(self._of)
        for place, (order, epoch, _) in enumerate(wanted):
            if self._epochs[place] != epoch:
                numbers = order.of(epoch) + self._start(place)
                self._orders[place, : len(numbers)] = numbers
                self._epochs[place] = epoch
        starts = [number * self.batch for _, _, number in wanted]
        if len(set(starts)) == 1:
            return self._orders[:, starts[0] : starts[0] + self.batch]
        columns = torch.tensor(starts)[:, None] + torch.arange(self.batch)
        return self._orders.gather(1, columns.to(self._orders.device))

    def _start(self, place: int) -> int:
        """The number of the first row of a place."""
        start = 0
        for part in self._parts:
            if part is self._of[place]:
                return start
            start += len(part.x)
        raise AssertionError("the rows of every place are among the parts")


def _joined(parts: list[TrainingRows]) -> TrainingRows:
    if len(parts) == 1:
        return parts[0]
    weights = [part.weight for part in parts if part.weight is not None]
    return TrainingRows(
        parts[0].task,
        torch.cat([part.x for part in parts]),
        torch.cat([part.y for part in parts]),
        torch.cat(weights) if weights else None,
    )
