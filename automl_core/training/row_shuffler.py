"""The order of the rows in each epoch: a function of seed and epoch alone."""

from __future__ import annotations

import torch
from torch import Tensor


class RowShuffler:
    """The order in which one training sees its rows."""

    def __init__(self, rows: int, seed: int, device: torch.device) -> None:
        self.rows, self.seed, self.device = rows, seed, device
        self._last: tuple[int, Tensor] = (-1, torch.zeros(0))

    def of(self, epoch: int) -> Tensor:
        """Row numbers (n,), on the device."""
        if self._last[0] != epoch:
            generator = torch.Generator().manual_seed((self.seed * 1_000_003 + epoch) % 2**63)
            order = torch.randperm(self.rows, generator=generator)
            self._last = (epoch, order.to(self.device))
        return self._last[1]
