"""What happens once: before the server answers anybody, and when it has been asked to end."""

from __future__ import annotations

import asyncio
import math
import signal
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from types import FrameType

import streamlit as st
from streamlit import config

from automl_core import logs
from automl_core.limits import most_uploaded
from automl_core.runs import end_manager, resume_at_start

_UPLOADS = "server.maxUploadSize"


@asynccontextmanager
async def begin(_: st.App) -> AsyncIterator[None]:
    """The server's life: interrupted runs go on, where that is set; its end interrupts runs.

    What Streamlit has imported meanwhile writes to the same log, and takes no larger files than
    the core does.
    """
    logs.adopt_loggers()
    limit_uploads()
    resume_at_start()
    with _heeding_sigterm():
        yield
    await asyncio.to_thread(end_manager)  # a signal ends the process without what `atexit` has


def limit_uploads() -> None:
    """Have Streamlit refuse files that the core would refuse, before they are here.

    Its own setting counts where that is less. Raises SpecError where ours makes no sense.
    """
    if (most := most_uploaded()) is not None:
        megabytes = math.ceil(most / 2**20)  # it knows whole ones
        config.set_option(_UPLOADS, min(megabytes, config.get_option(_UPLOADS)))


@contextmanager
def _heeding_sigterm() -> Iterator[None]:
    """Interrupt the runs as soon as SIGTERM comes: the server first waits for open requests."""
    before = signal.getsignal(signal.SIGTERM)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return

    def end(number: int, frame: FrameType | None) -> None:
        threading.Thread(target=end_manager, name="end").start()
        before(number, frame)  # the server's own

    signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
