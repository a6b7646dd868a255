"""Fixtures that tests of runs share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from automl_core.runs.executor import prediction_service
from tests.runs.inline import InlineExecutor


@pytest.fixture
def service(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[prediction_service.PredictionService]:
    """The worker that pages wait for, in this process."""
    monkeypatch.setattr(prediction_service, "open_one_worker", lambda *_, **__: InlineExecutor())
    found = prediction_service.PredictionService(workspace)
    yield found
    found.close()
