"""Trials that are trained as one: the worse half of those that have come as far ends early."""

from __future__ import annotations

from automl_core.runs.executor import FoldTask
from automl_core.runs.worker.rivals import Rivals


def jobs(trials: int, folds: int = 1, rival: bool = True) -> tuple[FoldTask, ...]:
    return tuple(
        FoldTask(trial, fold, "mlp", {}, 0, rival=rival)
        for trial in range(trials)
        for fold in range(folds)
    )


def test_those_worse_than_the_median_are_behind() -> None:
    rivals = Rivals(jobs(5), (0.3, 0.5))
    for job in jobs(5):
        rivals.note(job, 0.2, 9.0)  # too early to tell
    assert not any(rivals.is_behind(trial) for trial in range(5))
    for job in jobs(5):
        rivals.note(job, 0.31, float(job.trial))
    assert [rivals.is_behind(trial) for trial in range(5)] == [False, False, False, True, True]
    for trial in (0, 1, 2):
        rivals.note(jobs(5)[trial], 0.6, 1.0)  # only three have come so far
    assert [rivals.is_behind(trial) for trial in range(3)] == [False, False, False]


def test_one_that_joins_later_is_compared_with_those_before_it() -> None:
    rivals = Rivals(jobs(5), (0.3,))
    for job in jobs(5)[:4]:
        rivals.note(job, 0.3, 1.0)
    assert not any(rivals.is_behind(trial) for trial in range(4))
    rivals.note(jobs(5)[4], 0.3, 1.1)
    assert [rivals.is_behind(trial) for trial in range(5)] == [False] * 4 + [True]


def test_a_trial_is_judged_by_all_its_folds() -> None:
    rivals = Rivals(jobs(4, 2), (0.3,))
    for job in jobs(4, 2):
        if job != jobs(4, 2)[-1]:
            rivals.note(job, 0.4, float(job.trial))
    assert not any(rivals.is_behind(trial) for trial in range(4))
    rivals.note(jobs(4, 2)[-1], 0.4, -9.0)  # of the last trial, which makes it the best
    assert not rivals.is_behind(3)


def test_who_is_no_rival_goes_on_whatever_its_score() -> None:
    rivals = Rivals(jobs(5, rival=False), (0.3,))
    for job in jobs(5):
        rivals.note(job, 0.4, float(job.trial))
        rivals.note(job, 0.4, None)
    assert not any(rivals.is_behind(trial) for trial in range(5))
