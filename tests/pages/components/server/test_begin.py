"""What is set before the server answers, and what becomes of the runs when it ends."""

from __future__ import annotations

import asyncio
import importlib
import os
import signal
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import streamlit as st
from streamlit import config

from pages.components.server.begin import limit_uploads

module = importlib.import_module("pages.components.server.begin")  # the package's is its function
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


@pytest.mark.parametrize("terminated", [False, True])
def test_runs_are_interrupted_when_the_server_ends(
    monkeypatch: pytest.MonkeyPatch, terminated: bool
) -> None:
    ended, heard = threading.Event(), list[int]()
    monkeypatch.setattr(module, "end_manager", ended.set)
    monkeypatch.setattr(module, "resume_at_start", lambda: None)
    app: Any = None

    async def live() -> None:
        async with module.begin(app):
            assert not ended.is_set()
            if terminated:
                os.kill(os.getpid(), signal.SIGTERM)
                assert ended.wait(20)  # the server still answers what was asked before
                assert heard == [signal.SIGTERM]  # it knows, too
        assert ended.is_set()

    def server(number: int, _: object) -> None:
        heard.append(number)

    before = signal.signal(signal.SIGTERM, server)
    try:
        asyncio.run(live())
        assert signal.getsignal(signal.SIGTERM) is server
    finally:
        signal.signal(signal.SIGTERM, before)
