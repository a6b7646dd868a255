"""Files for other programs on Models: prepared by a worker when asked, shown with a certificate."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from automl_core.errors import ModelError
from automl_core.onnx_export import Certificate
from automl_core.runs.executor import CertifiedWritten
from pages.components.models import other_formats
from pages.components.shared import where
from tests.finished_run import make_run
from tests.pages.conftest import FakeManager, Open

PAGE, RUN = "pages/models.py", "run-a"
CERTIFICATE = Certificate("test rows", 40, 400, 1.5e-12, 1e-5, 0, False, "1.23.0")


def _cancel(page: AppTest) -> list[Button]:
    """The button that gives the worker up, while it is at it."""
    return [button for button in page.button if button.label == "Cancel"]


@pytest.mark.parametrize("form", ["onnx", "keras"])
def test_it_is_written_when_asked_and_then_offered(
    form: str,
    workspace: Path,
    open_page: Open,
    fake_manager: FakeManager,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(other_formats, "LIBRARY", "json")  # as if Keras were installed
    monkeypatch.setattr(where, "has_ray", lambda: True)
    folder = make_run(workspace, RUN)
    page = open_page(PAGE, run=RUN)
    assert fake_manager.written == []
    page.selectbox(key=f"models_{form}_where").set_value("auto")
    page.button(key=f"models_{form}_ask").click().run()
    assert fake_manager.written == [(form, folder.path, -1)] and not page.exception
    assert fake_manager.places == ["auto"]
    assert _cancel(page)
    fake_manager.certified.set_result(CertifiedWritten({"model": b"file"}, CERTIFICATE))
    page.run()
    assert not page.exception and not page.error
    assert "40 test rows and 400 hostile" in page.success[0].value
    assert "probability" in page.success[0].value
    assert [b for b in page.get("download_button") if b.key == f"models_{form}_download"]


def test_what_cannot_be_written_says_why(
    workspace: Path,
    open_page: Open,
    fake_manager: FakeManager,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(other_formats, "LIBRARY", "keras_that_is_not_there")
    make_run(workspace, RUN)
    page = open_page(PAGE, run=RUN)
    fake_manager.certified.set_exception(ModelError("The file does not say what the model says."))
    page.button(key="models_onnx_ask").click().run()
    assert not page.exception
    assert "does not say what the model says" in page.error[0].value
    page.button(key="models_onnx_again").click().run()
    assert page.button(key="models_onnx_ask") and not page.error
    assert any("pip install keras" in caption.value for caption in page.caption)


def test_a_cancelled_file_can_be_asked_for_again(
    workspace: Path, open_page: Open, fake_manager: FakeManager
) -> None:
    make_run(workspace, RUN)
    page = open_page(PAGE, run=RUN)
    page.button(key="models_onnx_ask").click().run()
    _cancel(page)[0].click().run()
    assert fake_manager.certified.cancelled() and page.button(key="models_onnx_ask")
