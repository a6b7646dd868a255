"""The runs in a workspace: list, find, delete. The folder is the database.

A folder that cannot be read costs its own line in the list only, whatever is wrong with it.
"""

from __future__ import annotations

import difflib
import logging
import math
import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from automl_core.errors import AutoMLError, RunError
from automl_core.runs.queue_place import QueuePlace, queue_place
from automl_core.runs.record import (
    NAME_FILE,
    RunClock,
    RunFolder,
    RunSpec,
    RunState,
    best_model,
    build_leaderboard,
    clock_of,
    count_models,
    is_held,
    length_words,
    load_name,
    waits_to_go_on,
)
from automl_core.runs.snapshots import RunSnapshot, Stamp, stamp, take_snapshot
from automl_core.types import RunStatus
from automl_core.words import count

_ID = re.compile(r"[0-9a-zA-Z][0-9a-zA-Z_-]{0,80}")
_LATEST = 2**32  # seconds since 1970: no clock is beyond it
_NEAR = 0.9  # of two ids as difflib measures it: one or two letters differ

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class RunSummary:
    """One run in a list."""

    id: str
    path: str
    table: str  # its name
    target: str
    task: str
    metric: str
    status: RunStatus
    score: float | None
    best: str  # name of the best model
    created: float  # seconds since 1970
    budget: str  # in words
    models: int  # that it trained, without baseline and ensemble
    trouble: str = ""  # what is wrong with its folder; "": nothing
    clock: RunClock = field(default_factory=RunClock)
    trials_done: float = 0.0  # the used part of a budget that is a number of trials
    test_score: float | None = None  # on rows that no model had seen
    name: str = ""  # that a person gave it
    place: QueuePlace | None = None  # of one that waits, where that is known

    @property
    def title(self) -> str:
        """What it is called: its name, else that of its table, else its id."""
        return self.name or self.table or self.id

    @property
    def seconds(self) -> float:
        """That it was at work until now, without pauses."""
        return self.clock.worked(time.time())

    @property
    def left(self) -> float | None:
        """Seconds of its budget now; None where that is a number of trials."""
        return self.clock.left(time.time())

    @property
    def done(self) -> float:
        """The part of its budget that is used now."""
        left = self.left
        if left is None:
            return self.trials_done
        return 1 - left / (self.clock.total or math.inf)


def runs_folder(root: Path) -> Path:
    """The folder of all runs of a workspace."""
    return root / "runs"


def _budget_words(spec: RunSpec, state: RunState) -> str:
    """The budget for people, with time that was added: "30 s", "5 min", "8 trials"."""
    seconds = state.budget_seconds or spec.options.budget.seconds
    if seconds is None:
        return count(spec.options.budget.trials or 0, "trial")
    return length_words(seconds)


_listing = threading.Lock()
_over: dict[str, tuple[tuple[Stamp, ...], RunSummary]] = {}  # by path; what it was made from
_told: set[str] = set()  # folders whose traceback is in the program's log already


def list_runs(root: Path) -> tuple[RunSummary, ...]:
    """All runs of the workspace, newest first; a damaged one is listed as such.

    Raises RunError where the folder of the runs itself cannot be read.
    """
    folder = runs_folder(root)
    try:
        paths = [p for p in folder.iterdir() if _ID.fullmatch(p.name) and _holds_a_run(p)]
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise RunError(
            f"The folder of the runs cannot be read: {error.strerror}.",
            f"Let the program read {folder}, or name another workspace.",
        ) from error
    return tuple(sorted((summarise(path) for path in paths), key=lambda s: -s.created))


def _holds_a_run(path: Path) -> bool:
    """True for a folder with a part of a run, or one that may not be looked into."""
    try:
        return any(os.path.lexists(path / name) for name in ("spec.json", "events.jsonl"))
    except OSError:
        return True


def summarise(path: Path) -> RunSummary:
    """One run's line in the list, whatever its folder holds; any thread may ask."""
    with _listing:
        try:
            summary = _read_summary(path)
            if not summary.status.active and waits_to_go_on(path):
                summary = replace(summary, status=RunStatus.WAITING)
            if summary.status == RunStatus.WAITING:
                summary = replace(summary, place=queue_place(path))
            return summary
        except AutoMLError as error:
            return _damaged(path, str(error))
        except OSError as error:
            return _damaged(path, f"Its files cannot be read: {error.strerror}.")
        except Exception:  # a folder may hold anything; the other runs are listed all the same
            if str(path) not in _told:
                _told.add(str(path))
                logger.exception("the run in %s cannot be listed", path)
            return _damaged(path, "Its files do not fit together: something has changed them.")


def _read_summary(path: Path) -> RunSummary:
    made_from = tuple(stamp(path / name) for name in ("spec.json", "events.jsonl", NAME_FILE))
    before = _over.get(str(path))
    if before is not None and before[0] == made_from:
        return before[1]
    summary = _summary(path, take_snapshot(path))
    if not summary.status.active:  # nothing will change it, unless something changes the files
        _over[str(path)] = made_from, summary
    return summary


def _damaged(path: Path, trouble: str) -> RunSummary:
    return RunSummary(
        path.name, str(path), "", "", "", "", RunStatus.DAMAGED, None, "", _changed(path), "", 0,
        trouble,
    )  # fmt: skip


def _changed(path: Path) -> float:
    """When the folder last changed, in seconds since 1970; 0 where nobody can tell."""
    try:
        return path.lstat().st_mtime
    except OSError:
        return 0.0


def _summary(path: Path, run: RunSnapshot) -> RunSummary:
    spec, state = run.spec, run.state
    best = best_model(state, spec.metric)
    return RunSummary(
        id=path.name,
        path=str(path),
        table=spec.table.name,
        target=spec.target,
        task=spec.task,
        metric=spec.metric,
        status=state.status,
        score=best.score if best else None,
        best=best.name if best else "",
        created=state.wall_started if 0 < state.wall_started < _LATEST else _changed(path),
        budget=_budget_words(spec, state),
        models=count_models(build_leaderboard(state, spec.metric)),
        clock=clock_of(state),
        trials_done=min(1.0, state.ended_trials / (spec.options.budget.trials or math.inf)),
        test_score=state.finished.test_score if state.finished else None,
        name=load_name(path),
    )


def find_run(name: str, root: Path, folder_of: Callable[[str], Path] | None = Path) -> RunFolder:
    """The run of this id in the workspace, else the one in the folder of this path.

    `folder_of` makes the folder of a path, and may refuse it with RunError; None: a run of the
    workspace only. Raises RunError where there is no such run.
    """
    folder = _in_workspace(name, root)
    if folder is not None and folder.exists:
        return folder
    if folder_of is not None and (folder := RunFolder(folder_of(name))).exists:
        return folder
    ids = sorted((p.name for p in runs_folder(root).glob("*")), reverse=True)
    raise RunError(f"There is no run {name!r}.", _hint(name, ids))


def _hint(name: str, ids: Sequence[str]) -> str:
    """The run that may be meant, where one is near enough; else how to find all of them.

    Two ids of one day share most of their letters, so that being alike says little.
    """
    if not ids:
        return "There are no runs yet."
    begun = [i for i in ids if name and i.startswith(name)]
    near = difflib.get_close_matches(name, ids, n=1, cutoff=_NEAR)
    if len(begun) == 1 or near:
        return f"Did you mean {(near or begun)[0]!r}?"
    if len(ids) == 1:
        return "Runs in the app, and torchlight list, have the only one that there is."
    return f"Runs in the app, and torchlight list, have all {len(ids):,} runs."


def delete_run(run_id: str, root: Path) -> None:
    """Remove a run's folder, also a damaged one.

    Raises RunError where the run is active or not in the workspace.
    """
    folder = _in_workspace(run_id, root)
    if folder is None or not folder.path.is_dir():
        raise RunError(f"There is no run {run_id!r}.")
    if is_held(folder.path):
        raise RunError("This run is still going.", "Stop it first, then delete it.")
    try:
        shutil.rmtree(folder.path)
    except OSError as error:
        raise RunError(
            f"The run {run_id!r} could not be deleted: {error.strerror or error}.",
            f"Delete its folder yourself: {folder.path}",
        ) from error


def _in_workspace(run_id: str, root: Path) -> RunFolder | None:
    """The folder of this id, which may not exist; None where the text cannot be an id."""
    return RunFolder(runs_folder(root) / run_id) if _ID.fullmatch(run_id) else None
