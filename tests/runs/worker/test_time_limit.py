"""Fits that go on at once divide the time; each second belongs to one of them."""

from __future__ import annotations

import time

import pytest

from automl_core.runs.worker.time_limit import SharedTime


def test_time_is_divided_among_those_that_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 0.0, 0.0, 6.0, 6.0, 10.0, 10.0, 10.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    shared = SharedTime()
    shared.begin(0)
    shared.begin(1)
    shared.end(1)
    shared.begin(2)
    shared.end(0)
    assert [shared.of(0), shared.of(1)] == [5.0, 3.0]


def test_who_has_not_begun_has_taken_nothing() -> None:
    assert SharedTime().of(3) == 0.0
