"""Waits for a job of a worker that a command begins; Ctrl-C ends the job and keeps what it has."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Protocol, TypeVar

from automl_core.files import workspace
from automl_core.runs.executor import PredictionService

Found = TypeVar("Found")


class Job(Protocol[Found]):
    """A task of a worker for a run, with its result."""

    done: Future[Found]

    def cancel(self) -> None:
        """End it; what was found so far is its result."""


def awaited(
    begin: Callable[[Path, PredictionService], Job[Found]], cluster: str | None = None
) -> Found:
    """The result of the job that `begin` starts in the workspace; raises what the job raises.

    Its worker is on this machine, or on the `cluster` of that address.
    """
    root: Path = workspace()
    service = PredictionService(root, cluster)
    try:
        job = begin(root, service)
        try:
            return job.done.result()
        except KeyboardInterrupt:  # what is known by now is kept, and said
            job.cancel()
            return job.done.result()
    finally:
        service.close()
