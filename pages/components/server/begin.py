"""What happens once, before the server answers anybody."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st

from automl_core import logs


@asynccontextmanager
async def begin(_: st.App) -> AsyncIterator[None]:
    """The server's life: its log is set up first."""
    logs.install()
    logs.adopt_loggers()
    yield
