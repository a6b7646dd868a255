"""What the server does runs in an event loop of its own."""

from __future__ import annotations

from asyncio import events
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def no_running_loop() -> Iterator[None]:
    """Between its calls Playwright leaves its loop marked as running in the thread of the tests."""
    loop = events._get_running_loop()
    events._set_running_loop(None)
    yield
    events._set_running_loop(loop)
