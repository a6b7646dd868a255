"""How many workers the memory holds, and the families that are too large for it.

By the estimate of each family (models/base.py, MemoryNeed), before anything is trained.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from automl_core.models import ModelSpec
from automl_core.words import size

SHARE_THAT_FITS = 0.5  # of the families; for more of them at once, fewer workers go on


@dataclass(frozen=True)
class MemoryPlan:
    """What a table of this size means for workers and families."""

    workers: int
    asked: int  # workers
    each: int  # bytes that a worker may take
    needs: dict[str, int]  # bytes, by family
    too_large: tuple[str, ...]  # families

    @property
    def words(self) -> str:
        """A sentence where memory leaves fewer workers; "" where it does not."""
        if self.workers == self.asked:
            return ""
        goes = "go" if self.workers > 1 else "goes"
        return (
            f"{self.workers} of {self.asked} workers {goes} on: on a table of this size one may "
            f"need {size(self.largest)} of memory, and {size(self.each * self.workers)} are free."
        )

    @property
    def largest(self) -> int:
        """Bytes that the largest family needs of those that fit; 0 where none does."""
        return max((n for f, n in self.needs.items() if f not in self.too_large), default=0)


def plan_memory(
    families: Sequence[ModelSpec], rows: int, columns: int, workers: int, free: int | None
) -> MemoryPlan:
    """The plan for so many bytes that are free for all workers together; None: nobody knows.

    As many workers as leave room for half of the families each. The smallest family is always
    tried: an estimate is no proof.
    """
    needs = {entry.name: entry.memory.bytes_for(rows, columns) for entry in families}
    if free is None or not needs:
        return MemoryPlan(workers, workers, 0, needs, ())

    def fitting(count: int) -> int:
        return sum(need <= free / count for need in needs.values())

    wanted = SHARE_THAT_FITS * len(needs)
    count = next((n for n in range(workers, 1, -1) if fitting(n) >= wanted), 1)
    each, smallest = free // count, min(needs.values())
    too_large = (f for f, need in needs.items() if need > max(each, smallest))
    return MemoryPlan(count, workers, each, needs, tuple(too_large))
