"""A process stands still as long as the processor's time that it has used does not change."""

from __future__ import annotations

import os

import pytest

from automl_core.runs.executor.stillness import Stillness, processor_seconds


class _System:
    """A clock and processes that a test moves."""

    def __init__(self) -> None:
        self.now, self.used = 100.0, {1: 5.0, 2: 7.0}

    def stillness(self) -> Stillness:
        return Stillness(lambda pid: self.used.get(pid, -1.0), lambda: self.now)


def test_who_uses_the_processor_does_not_stand_still() -> None:
    system = _System()
    stillness = system.stillness()
    for _ in range(10):
        stillness.look([1, 2])
        system.now += 1.0
        system.used[2] += 0.01  # however little
    assert stillness.seconds(1) == 10.0
    assert stillness.seconds(2) == 1.0
    assert stillness.seconds(3) == 0.0  # never seen


def test_what_was_before_a_task_does_not_count() -> None:
    system = _System()
    stillness = system.stillness()
    stillness.look([1])
    for _ in range(10):
        system.now += 5.0
        stillness.look([1])
    assert stillness.seconds(1) == 50.0
    stillness.begin(1)
    assert stillness.seconds(1) == 0.0
    system.now += 3.0
    stillness.look([1])
    assert stillness.seconds(1) == 3.0


def test_what_nobody_saw_does_not_count() -> None:
    system = _System()
    stillness = system.stillness()
    stillness.look([1])
    system.now += 300.0  # the whole container was paused
    stillness.look([1])
    assert stillness.seconds(1) == 0.0


def test_processes_that_are_not_asked_for_are_forgotten() -> None:
    system = _System()
    stillness = system.stillness()
    stillness.look([1, 2])
    system.now += 2.0
    stillness.look([2])
    assert (stillness.seconds(1), stillness.seconds(2)) == (0.0, 2.0)


def test_the_systems_count_grows_with_work() -> None:
    before = processor_seconds(os.getpid())
    while processor_seconds(os.getpid()) == before:
        sum(range(10_000))
    assert processor_seconds(2**22 + 1) == pytest.approx(-1.0)  # beyond all process numbers
