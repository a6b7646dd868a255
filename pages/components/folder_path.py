"""Folders of the server that a page may open: the same rule as for tables on the server.

Knows nothing of what is in them.
"""

from __future__ import annotations

from pathlib import Path

from automl_core.errors import RunError
from automl_core.files import workspace
from automl_core.runs.folder import RunFolder
from automl_core.runs.library import find_in_workspace, find_run, is_run_id
from pages.components.intake import server_folders


def folders_allowed() -> bool:
    """Whether any path of the server may be opened at all."""
    return server_folders() != ()


def visible_run(run: str) -> RunFolder:
    """The run with this id, or in this folder; RunError where there is none to be seen.

    The address is anyone's to write, so the rule for paths holds for runs too.
    """
    if is_run_id(run):
        return find_in_workspace(run, workspace())
    return find_run(str(allowed_folder(run)), workspace())


def allowed_folder(text: str) -> Path:
    """The folder that `text` names; RunError unless the server's owner lets it be opened."""
    roots = server_folders()
    try:
        path = Path(text.strip()).expanduser().resolve()
        found = path.is_dir()
    except (OSError, ValueError, RuntimeError):  # too long, a zero byte, an unknown user
        raise RunError("This is not the path of a folder.") from None
    # The rule first: whether a folder exists elsewhere is nobody's business.
    if roots is not None and not any(path.is_relative_to(root) for root in roots):
        raise RunError(
            "This folder may not be opened from here.",
            "Ask the owner of this server to list it, or copy the run into the workspace.",
        )
    if not found:
        raise RunError(f"There is no folder {str(path)!r}.", "Check the path for typing errors.")
    return path
