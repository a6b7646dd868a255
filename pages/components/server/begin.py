"""What happens once, before the server answers anybody."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from streamlit import config

from automl_core import logs
from automl_core.limits import most_uploaded
from automl_core.runs import resume_at_start

_UPLOADS = "server.maxUploadSize"


@asynccontextmanager
async def begin(_: st.App) -> AsyncIterator[None]:
    """The server's life: interrupted runs go on, where that is set.

    What Streamlit has imported meanwhile writes to the same log, and takes no larger files than
    the core does.
    """
    logs.adopt_loggers()
    limit_uploads()
    resume_at_start()
    yield


def limit_uploads() -> None:
    """Have Streamlit refuse files that the core would refuse, before they are here.

    Its own setting counts where that is less. Raises SpecError where ours makes no sense.
    """
    if (most := most_uploaded()) is not None:
        megabytes = math.ceil(most / 2**20)  # it knows whole ones
        config.set_option(_UPLOADS, min(megabytes, config.get_option(_UPLOADS)))
