"""The reason for a run's end, as a value to decide by, and in words for the log."""

from __future__ import annotations

from enum import StrEnum


class EndReason(StrEnum):
    """The reason for the end of a run."""

    BUDGET_USED_UP = "budget_used_up"
    TRIALS_DONE = "trials_done"
    STOPPED = "stopped"  # by a command
    STOPPED_WITHOUT_MODEL = "stopped_without_model"
    NO_MODEL = "no_model"  # every trial failed
    # The proposer has nothing left to propose
    ENOUGH_CONFIGURATIONS = "enough_configurations"
    ALL_FAMILIES_FAIL = "all_families_fail"
    NOTHING_FITS = "nothing_fits"  # into the time left

    @property
    def words(self) -> str:
        """One or two sentences."""
        return _WORDS[self]


_WORDS = {
    EndReason.BUDGET_USED_UP: "The budget is used up.",
    EndReason.TRIALS_DONE: "All trials are done.",
    EndReason.STOPPED: "Stopped by you; the best model so far is kept.",
    EndReason.STOPPED_WITHOUT_MODEL: "Stopped by you before the first model was there.",
    EndReason.NO_MODEL: "No model could be trained; the trials say why.",
    EndReason.ENOUGH_CONFIGURATIONS: (
        "Ended early: more configurations would only fit the validation rows of a table of this "
        "size, and the leading ones have been repeated."
    ),
    EndReason.ALL_FAMILIES_FAIL: "No family is left whose trials do not fail.",
    EndReason.NOTHING_FITS: (
        "No further model would have fitted into what was left of the budget."
    ),
}
