"""What is set before the server answers: Streamlit takes no larger file than the core does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import streamlit as st
from streamlit import config

from pages.components.server.begin import limit_uploads

UPLOADS = "server.maxUploadSize"


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = st.get_option(UPLOADS)
    config.set_option(UPLOADS, 100)
    yield
    config.set_option(UPLOADS, before)


@pytest.mark.parametrize(
    ("most", "megabytes"), [("", 100), ("5", 5), ("0.5", 1), ("100", 96), ("4000", 100)]
)
def test_streamlit_refuses_what_the_core_would_refuse(
    monkeypatch: pytest.MonkeyPatch, most: str, megabytes: int
) -> None:
    monkeypatch.setenv("TORCHLIGHT_MAX_UPLOAD_MB", most)
    limit_uploads()
    assert st.get_option(UPLOADS) == megabytes
