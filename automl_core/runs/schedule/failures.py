"""Families whose next trial would fail as earlier ones did: for want of memory, or of a library."""

from __future__ import annotations

from collections.abc import Iterable

from automl_core.models import ModelSpec, model_spec
from automl_core.runs.record import Trial
from automl_core.types import FailReason


def repeats_failure(trials: Iterable[Trial], family: ModelSpec) -> str:
    """Why the family should not be tried again, in words; "" where nothing speaks against it.

    A library that did not load once does not load later; networks share theirs. After memory
    ran out for the first time fewer workers go on: a trial that started later and failed again
    would do so for ever.
    """
    short: list[Trial] = []
    for trial in trials:
        same = trial.family == family.name
        if trial.fail_reason == FailReason.LIBRARY and (
            same or "network" == family.kind == model_spec(trial.family).kind
        ):
            return f"{family.title} is left out: its library cannot be loaded here."
        if same and trial.fail_reason == FailReason.MEMORY:
            short.append(trial)
    first = min((t.ended or 0.0 for t in short), default=0.0)
    if any(t.started >= first for t in short):
        return f"{family.title} is left out: memory ran out in two of its trials."
    return ""
