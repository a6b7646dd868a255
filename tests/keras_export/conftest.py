"""Keras is loaded in the process of the tests, where it would slow down each page after it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from automl_core.keras_export.package import keras_library
from tests.keras_export.test_package import has_keras


@pytest.fixture(scope="session", autouse=True)
def pages_leave_keras_alone() -> Iterator[None]:
    """Streamlit clears Keras after each run of a page: a full look for garbage, up to a second."""
    with pytest.MonkeyPatch.context() as patch:
        if has_keras():
            patch.setattr(keras_library().backend, "clear_session", lambda: None)
        yield
