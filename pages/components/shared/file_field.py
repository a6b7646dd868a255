"""An upload field that copies the file to disk at once and frees its bytes.

What is done with the file is the page's business.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from automl_core.errors import AutoMLError
from automl_core.table.reading import Upload, save_upload
from pages.components.shared import frame, session
from pages.components.shared.access import workspace
from pages.components.shared.text import size


def draw_file_field(
    name: str,
    label: str,
    explanation: str,
    take: Callable[[Upload], None],
    types: Sequence[str] | None = None,
) -> None:
    """The field (`.st-key-<name>`); `take` is called once with a new file, then the page reruns.

    `types`: endings to accept, all where None.
    """
    version = session.remembered(f"{name}_version", int) or 0
    with st.container(key=name):
        file = st.file_uploader(
            label,
            type=types,
            # a new key lets go of the upload: the browser session would keep its bytes in memory
            key=f"{name}_{version}",
            help=explanation,
        )
    if file is None:
        if (error := session.remembered(f"{name}_refused", AutoMLError)) is not None:
            frame.show_error(error)
        return
    session.remember(f"{name}_version", version + 1)
    session.remember(f"{name}_refused", None)
    with st.spinner(f"Reading {size(file.size)} …", show_time=True):
        try:
            upload = save_upload(file, file.name, workspace())
        except AutoMLError as error:  # it is larger than is allowed
            session.remember(f"{name}_refused", error)
        else:
            take(upload)
    st.rerun()
