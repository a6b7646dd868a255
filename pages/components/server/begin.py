"""What happens once, before the server answers anybody."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st

from automl_core import logs
from automl_core.runs import resume_at_start


@asynccontextmanager
async def begin(_: st.App) -> AsyncIterator[None]:
    """The server's life: interrupted runs go on, where that is set.

    What Streamlit has imported meanwhile writes to the same log.
    """
    logs.adopt_loggers()
    resume_at_start()
    yield
