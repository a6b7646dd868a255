"""Runs that an earlier process left interrupted go on by themselves, where that is set."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from automl_core.errors import AutoMLError
from automl_core.people import all_workspaces
from automl_core.runs.library import list_runs
from automl_core.runs.manager import Manager, get_manager
from automl_core.runs.record import RunFolder, RunReader
from automl_core.settings import RESUME
from automl_core.types import RunStatus

IN_VAIN = 2  # times that a run went on and no trial of it ended, after which a person has to say so

logger = logging.getLogger(__name__)


def resume_at_start() -> None:
    """Where TORCHLIGHT_RESUME says so, have interrupted runs go on, from a thread of its own.

    Raises SpecError where the setting makes no sense.
    """
    if RESUME.is_on():
        threading.Thread(target=_resume_all, name="resume", daemon=True).start()


def _resume_all() -> None:
    try:
        for root in all_workspaces():
            resume_interrupted(get_manager(), root)
    except Exception:  # the thread's edge: the app goes on
        logger.exception("interrupted runs could not be resumed")


def resume_interrupted(manager: Manager, root: Path) -> list[str]:
    """Queue the interrupted runs of the workspace, the oldest first; their ids.

    One that cannot go on is left as it is, and the log says why. So is one that has ended its
    process again and again: it may be what ends it.
    """
    resumed = []
    for run in reversed(list_runs(root)):
        if run.status != RunStatus.INTERRUPTED:
            continue
        folder = RunFolder(Path(run.path))
        try:
            if RunReader(folder).refresh().resumed >= IN_VAIN:
                logger.warning("the run %s is not resumed: it ended its process before", run.id)
                continue
            manager.resume(folder, None)
        except AutoMLError as error:
            logger.warning("the run %s is not resumed: %s", run.id, error)
            continue
        resumed.append(run.id)
    return resumed
