"""Libraries of networks are loaded beside the tasks: only what trains a network waits for it."""

from __future__ import annotations

import threading

import pytest

from automl_core.errors import LibraryError
from automl_core.models.catalog import model_spec
from automl_core.runs.worker import preload


def test_only_networks_wait_while_their_libraries_load(monkeypatch: pytest.MonkeyPatch) -> None:
    loading, may_end = threading.Event(), threading.Event()
    loads = list[bool]()

    def load() -> None:
        loading.set()
        loads.append(may_end.wait(20))

    monkeypatch.setattr(preload, "_load_networks", load)
    preload.in_advance()
    assert loading.wait(20)
    preload.for_family(model_spec("lightgbm"))  # goes on
    network = threading.Thread(target=preload.for_networks)
    network.start()
    network.join(0.1)
    assert network.is_alive()
    may_end.set()
    network.join(20)
    assert not network.is_alive()
    assert loads == [True, True]


def test_a_library_that_does_not_load_fails_the_network_alone(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def load() -> None:
        raise OSError("no room for it")

    monkeypatch.setattr(preload, "_load_networks", load)
    preload.in_advance()
    while any(thread.name == "preload" for thread in threading.enumerate()):
        threading.Event().wait(0.01)
    assert "cannot be loaded in advance" in caplog.text
    preload.for_family(model_spec("lightgbm"))
    with pytest.raises(LibraryError, match="no room for it"):
        preload.for_family(model_spec("mlp"))
