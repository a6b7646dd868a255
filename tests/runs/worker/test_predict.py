"""One row by a worker: as it travels over the pipe, with a model that is loaded once."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from automl_core.errors import ModelError
from automl_core.export import Cell, Predictor, load_predictor, predict_row
from automl_core.export.predictor import predictor_files
from automl_core.runs.executor import prediction_service
from automl_core.runs.executor.tasks import PredictRowTask, read_request, request_frame
from automl_core.runs.worker import predict
from automl_core.types import Files
from tests import small
from tests.runs.inline import InlineExecutor


def test_a_row_arrives_as_it_was_sent() -> None:
    cells = (Cell("age", number=1e-300), Cell("city", text="Tromsø\n"), Cell("vip"))
    task = PredictRowTask("model 1", cells)
    assert read_request(request_frame(7, task)) == (7, task)


def test_rows_of_a_model_are_predicted_and_it_is_loaded_once(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prediction_service, "open_one_worker", lambda *_, **__: InlineExecutor())
    loaded: list[Files] = []

    def load(files: Files) -> Predictor:
        loaded.append(files)
        return load_predictor(files)

    monkeypatch.setattr(predict, "load_predictor", load)
    service = prediction_service.PredictionService(workspace)
    predictor = small.predictor("binary", "lightgbm")
    files = predictor_files(predictor)
    answers: list[pa.Table] = []
    for age in (20.0, 80.0):
        cells = (Cell("age", number=age), Cell("city", text="Oslo"))
        answers.append(service.predict_row("one", files, cells).result(timeout=60))
        assert answers[-1].equals(predict_row(predictor, cells))
    assert not answers[0].equals(answers[1]) and len(loaded) == 1
    with pytest.raises(ModelError, match="The row could not be scored"):
        service.predict_row("other", {}, ()).result(timeout=60)
    service.close()
