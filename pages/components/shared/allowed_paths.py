"""The rule for what of this machine a page may open: folders and databases that its owner lists.

Nothing is allowed by itself. Who asks cannot be told from the address that the server listens on:
a reverse proxy on this machine asks for everyone.
"""

from __future__ import annotations

import os
from pathlib import Path

from automl_core.errors import RunError
from automl_core.files import is_of_people
from automl_core.settings import DATA_FOLDERS, DATABASES

FOLDERS, HOSTS = DATA_FOLDERS.name, DATABASES.name
ANY_HOST = "*"


def server_folders() -> tuple[Path, ...]:
    """Folders below which a path may be opened; empty: none, as nobody listed one."""
    listed = DATA_FOLDERS.entries(os.pathsep)
    return tuple(Path(entry).expanduser().resolve() for entry in listed)


def database_hosts() -> tuple[str, ...] | None:
    """Hosts whose databases may be asked; None: any, as the owner wrote `*`; empty: none."""
    hosts = DATABASES.entries()
    return None if ANY_HOST in hosts else hosts


def how_to_allow_folders() -> str:
    """What the owner does so that files and runs can be opened by their path."""
    return (
        f"The owner of this server lists folders in `{FOLDERS}`, such as "
        f"`{FOLDERS}=/data{os.pathsep}/mnt/tables`, and starts it again."
    )


def how_to_allow_databases() -> str:
    """What the owner does so that databases can be asked."""
    return (
        f"The owner lists hosts in `{HOSTS}`, such as `{HOSTS}=localhost,db.example.com` "
        f"(`{ANY_HOST}`: any), and starts it again."
    )


def allowed_folder(text: str) -> Path:
    """The folder that `text` names; RunError unless the server's owner lets it be opened."""
    try:
        path = Path(text.strip()).expanduser().resolve()
        found = path.is_dir()
    except (OSError, ValueError, RuntimeError):  # too long, a zero byte, an unknown user
        raise RunError("This is not the path of a folder.") from None
    # The rule comes first, so that nobody learns which folders exist elsewhere.
    listed = any(path.is_relative_to(root) for root in server_folders())
    if not listed or is_of_people(path):
        raise RunError(
            "This folder may not be opened from here.",
            f"Ask the owner of this server to list it in {FOLDERS}, or copy the run into the "
            "workspace.",
        )
    if not found:
        raise RunError(f"There is no folder {str(path)!r}.", "Check the path for typing errors.")
    return path
