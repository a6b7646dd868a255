"""A search for lighter models on its way: what whoever waits for it sees, and how it is ended."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

from automl_core.runs.executor import PredictionService
from automl_core.runs.light_models import LightModels


class LightJob:
    """A search on its way. Any thread may look at `latest`; `done` has all that was found.

    `done` raises AutoMLError where it failed, ExecutorClosedError where the process ends.
    """

    def __init__(self, service: PredictionService) -> None:
        self.done: Future[LightModels] = Future()
        self.latest: LightModels | None = None
        self.step = "Choosing what to average"
        self._service = service
        self._waiting: Future[Any] | None = None
        self._given_up = False

    def cancel(self) -> None:
        """End it soon; what was found so far is kept."""
        self._given_up = True
        if self._waiting is not None:
            self._service.give_up(self._waiting)

    @property
    def is_cancelled(self) -> bool:
        """True once `cancel` was called."""
        return self._given_up

    def waits_for(self, future: Future[Any]) -> None:
        """Remember what a worker is doing for it."""
        self._waiting = future
