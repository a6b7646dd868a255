"""The plan to read texts by a sentence model: the task, once, and its result.

Neither talks to workers nor writes the log.
"""

from __future__ import annotations

from automl_core.runs.executor import EmbedTask, TextsEmbedded
from automl_core.runs.record import RunSpec
from automl_core.runs.schedule import TimeBudget, limits
from automl_core.runs.setup import RunData
from automl_core.words import percent


class TextEmbeddingPlan:
    """Asks for the vectors once, and remembers whether they are there."""

    def __init__(self, spec: RunSpec, data: RunData, budget: TimeBudget) -> None:
        self._budget, self._data, self._spec = budget, data, spec
        self._wanted = data.link.sentences and not budget.is_short
        self.is_answered = not self._wanted
        self.ready = False

    def next_task(self) -> EmbedTask | None:
        """The task to start, once; None where there is nothing to embed."""
        if not self._wanted:
            return None
        self._wanted = False
        test = "" if self._spec.test is None else self._spec.test.hash
        return EmbedTask(self._data.link, test, self._budget.embedding_seconds())

    def take(self, embedded: TextsEmbedded) -> str:
        """The result, in words."""
        self.is_answered, self.ready = True, embedded.done
        if self.ready:
            return "Texts are read by the sentence model that is installed, too."
        return (
            f"The sentence model that is installed is not used: {embedded.texts:,} texts at "
            f"{embedded.rate:,.0f} a second, or fewer, would take more than "
            f"{percent(limits.EMBEDDING_SHARE)} of the budget."
        )

    def miss(self) -> None:
        """No vectors will come."""
        self.is_answered = True
