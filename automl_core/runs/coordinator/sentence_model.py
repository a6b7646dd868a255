"""Whether a run's texts are read by a sentence model: when that is asked for, what came of it.

Neither talks to workers nor writes the log.
"""

from __future__ import annotations

from automl_core.runs.executor import EmbedTask, TextsEmbedded
from automl_core.runs.record import RunSpec
from automl_core.runs.schedule import TimeBudget, limits
from automl_core.runs.setup import RunData


class TextEmbeddingPlan:
    """Asks for the vectors once, and remembers whether they are there."""

    def __init__(self, spec: RunSpec, setting: RunData, budget: TimeBudget) -> None:
        self._budget, self._setting, self._spec = budget, setting, spec
        self._wanted = setting.link.sentences and not budget.is_short
        self.settled = not self._wanted
        self.ready = False

    def next_task(self) -> EmbedTask | None:
        """The task to hand out, once; None where there is nothing to embed."""
        if not self._wanted:
            return None
        self._wanted = False
        test = "" if self._spec.test is None else self._spec.test.hash
        return EmbedTask(self._setting.link, test, self._budget.embedding_seconds())

    def take(self, embedded: TextsEmbedded) -> str:
        """What came of it, in words."""
        self.settled, self.ready = True, embedded.done
        if self.ready:
            return "Texts are read by the sentence model that is installed, too."
        return (
            f"The sentence model that is installed is not used: {embedded.texts:,} texts at "
            f"{embedded.rate:,.0f} a second, or fewer, would take more than "
            f"{limits.EMBEDDING_SHARE:.0%} of the budget."
        )

    def miss(self) -> None:
        """No vectors will come."""
        self.settled = True
