"""The rule for paths of the server that a page may open: of tables and of runs."""

from __future__ import annotations

import os
from pathlib import Path

import streamlit as st

from automl_core.errors import RunError
from automl_core.files import workspace
from automl_core.runs import find_run
from automl_core.runs.record import RunFolder


def server_folders() -> tuple[Path, ...] | None:
    """Folders below which a path may be opened; None: anywhere, as only this machine listens."""
    listed = os.environ.get("TORCHLIGHT_DATA_FOLDERS", "")
    if listed:
        return tuple(Path(entry).resolve() for entry in listed.split(os.pathsep) if entry)
    local = st.get_option("server.address") in ("127.0.0.1", "localhost", "::1")
    return None if local else ()


def folders_allowed() -> bool:
    """True where some paths of the server may be opened."""
    return server_folders() != ()


def visible_run(run: str) -> RunFolder:
    """The run with this id, or in this folder; RunError where there is none to be seen.

    The address is anyone's to write, so the rule for paths holds for runs too.
    """
    return find_run(run, workspace(), allowed_folder if Path(run).is_absolute() else None)


def allowed_folder(text: str) -> Path:
    """The folder that `text` names; RunError unless the server's owner lets it be opened."""
    roots = server_folders()
    try:
        path = Path(text.strip()).expanduser().resolve()
        found = path.is_dir()
    except (OSError, ValueError, RuntimeError):  # too long, a zero byte, an unknown user
        raise RunError("This is not the path of a folder.") from None
    # The rule comes first, so that nobody learns which folders exist elsewhere.
    if roots is not None and not any(path.is_relative_to(root) for root in roots):
        raise RunError(
            "This folder may not be opened from here.",
            "Ask the owner of this server to list it, or copy the run into the workspace.",
        )
    if not found:
        raise RunError(f"There is no folder {str(path)!r}.", "Check the path for typing errors.")
    return path
