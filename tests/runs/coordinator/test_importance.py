"""Live importance: repeats of the trial that leads, and none of one that is too slow for it."""

from __future__ import annotations

from typing import Any, cast

from automl_core.runs.coordinator.importance import ImportanceScheduler
from automl_core.runs.executor.results import ImportanceRepeat
from automl_core.runs.record.state import Trial
from automl_core.runs.schedule.time_budget import TimeBudget
from automl_core.types import Origin


def test_a_trial_that_is_too_slow_is_not_asked_about_again() -> None:
    scheduler = ImportanceScheduler(cast(Any, None), TimeBudget(60.0, 2, 0.0))
    slow, quick = (Trial(n, f"mlp-{n}", "mlp", {}, Origin.PORTFOLIO, 0.0) for n in (1, 2))
    assert scheduler.next_task(slow, 5.0) is not None
    scheduler.take(ImportanceRepeat(1, 0, {}, 0.1))
    scheduler.asked = False
    assert scheduler.next_task(slow, 5.0) is None and scheduler.event(1.0, True) is None
    task = scheduler.next_task(quick, 5.0)
    assert task is not None and (task.trial, task.first_repeat) == (2, 0)
    scheduler.take(ImportanceRepeat(2, 0, {"age": 0.2}, 0.1))
    scheduler.asked = False
    event = scheduler.event(1.0, True)
    assert event is not None and event.features == ("age",)
    assert scheduler.next_task(slow, 5.0) is None
