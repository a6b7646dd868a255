"""Whether this process can do its work: its workspace can be written, its workers can start."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from automl_core.runs.manager import ManagerState, WorkerInfo

PROBE = bytes(4096)  # what a file takes on most disks


@dataclass(frozen=True)
class Health:
    """What is in order, and what is not, in words that name no file."""

    workspace: str = ""  # what is wrong with it; "": nothing
    workers: str = ""

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the process should be looked after; empty: it need not."""
        return tuple(reason for reason in (self.workspace, self.workers) if reason)


def look_at_health(root: Path, workers: WorkerInfo, state: ManagerState) -> Health:
    """The state of the workspace `root`, by writing to it, and of the process's workers."""
    words = workers.broken
    if not state.alive:
        words = "The thread that conducts the runs has ended."
    return Health(_not_writable(root), words)


def _not_writable(root: Path) -> str:
    """Why nothing can be written; "" where it can. Leaves no file."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=root) as file:
            file.write(PROBE)
            file.flush()
    except OSError as error:
        return f"The workspace cannot be written: {error.strerror or type(error).__name__}."
    return ""
