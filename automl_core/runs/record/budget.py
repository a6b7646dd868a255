"""The budget of a run: seconds, or a number of trials."""

from __future__ import annotations

import re
from dataclasses import dataclass

from automl_core.errors import SpecError
from automl_core.settings import MAX_BUDGET

MAX_SECONDS = 7 * 24 * 3600.0
MAX_TRIALS = 100_000

_TIME = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s?)?", re.IGNORECASE)


@dataclass(frozen=True)
class Budget:
    """Either seconds or a number of trials; a run of a number of trials is reproducible.

    Raises SpecError where both or neither are given, or one is out of range.
    """

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
        if self.trials is not None and not 1 <= self.trials <= MAX_TRIALS:
            raise SpecError(
                f"{self.trials} trials asked for.", f"Give a number between 1 and {MAX_TRIALS}."
            )


def most_seconds() -> float:
    """The longest budget that a run may have here, in seconds: 7 days, or less by a setting.

    Raises SpecError where the setting makes no sense.
    """
    most = MAX_BUDGET.limit("a number of seconds, such as 3600")
    return MAX_SECONDS if most is None else min(MAX_SECONDS, most)


def is_bounded() -> bool:
    """True where a setting bounds the budgets of runs; a number of trials knows no bound."""
    return most_seconds() < MAX_SECONDS


def most_words() -> str:
    """The longest budget that a run may have here, for people."""
    return length_words(most_seconds()) if is_bounded() else "7 days"


def check_budget(budget: Budget) -> None:
    """Raises SpecError where a run may not be started with this budget here."""
    if not is_bounded():
        return
    if budget.seconds is None:
        raise SpecError(
            "A number of trials has no limit of time, and a run may take "
            f"{most_words()} at most here.",
            f"Give a time instead, or ask the owner of this server to unset {MAX_BUDGET.name}.",
        )
    if budget.seconds > most_seconds():
        raise SpecError(
            f"A budget of {length_words(budget.seconds)} is more than the {most_words()} that a "
            "run may take here.",
            f"Give it less time, or ask the owner of this server to raise {MAX_BUDGET.name}.",
        )


def length_words(seconds: float) -> str:
    """A length of time for people: "30 s", "5 min", "2 h"."""
    seconds = round(seconds, 1)  # a third of a minute is 20 s
    if seconds < 120:
        return f"{seconds:g} s"
    return f"{seconds / 60:.4g} min" if seconds < 7200 else f"{seconds / 3600:.4g} h"


def parse_seconds(text: str) -> float:
    """A time in seconds: "120s", "5m", "1h30m", or plain seconds; SpecError otherwise."""
    match = _TIME.fullmatch(text.strip())
    if not text.strip() or match is None:
        raise SpecError(
            f"{text!r} is no length of time.",
            "Give for example 120s, 5m, 1h, or a number of seconds.",
        )
    hours, minutes, seconds = (float(part or 0) for part in match.groups())
    return 3600 * hours + 60 * minutes + seconds
