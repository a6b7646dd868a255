"""The best epoch so far, and the rule of early stopping."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Best:
    """The best epoch so far. Smaller is better in both losses; the second decides ties."""

    epoch: int = 0  # 0: none yet
    loss: float | None = None  # the run's metric turned into a loss
    tie_loss: float | None = None  # validation loss
    waited: int = 0  # epochs since

    def after(self, epoch: int, loss: float, tie_loss: float) -> Best:
        """The best of this one and the given epoch; one whose loss is not finite never is."""
        if not math.isfinite(loss):
            return replace(self, waited=self.waited + 1)
        tie = tie_loss if math.isfinite(tie_loss) else math.inf
        known = math.inf if self.tie_loss is None else self.tie_loss
        if self.loss is None or (loss, tie) < (self.loss, known):
            return Best(epoch, loss, tie if math.isfinite(tie) else None)
        return replace(self, waited=self.waited + 1)

    def should_stop(self, patience: int) -> bool:
        """True after `patience` epochs without a better one; with 0 never."""
        return 0 < patience <= self.waited
