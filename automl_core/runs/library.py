"""The runs in a workspace: list, find, delete. The folder is the database."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from automl_core.errors import AutoMLError, RunError, did_you_mean
from automl_core.runs.record import (
    RunFolder,
    RunReader,
    RunSpec,
    RunState,
    best_model,
    is_held,
)
from automl_core.types import RunStatus

_ID = re.compile(r"[0-9a-zA-Z][0-9a-zA-Z_-]{0,80}")


@dataclass(frozen=True)
class RunSummary:
    """One run in a list."""

    id: str
    path: str
    name: str  # of the table
    target: str
    task: str
    metric: str
    status: RunStatus
    score: float | None
    best: str  # name of the best model
    created: float  # seconds since 1970
    budget: str  # in words
    trials: int


def runs_folder(root: Path) -> Path:
    """The folder of all runs of a workspace."""
    return root / "runs"


def budget_words(spec: RunSpec) -> str:
    """The budget for people: "30 s", "5 min", "8 trials"."""
    seconds = spec.options.budget.seconds
    if seconds is None:
        return f"{spec.options.budget.trials} trials"
    seconds = round(seconds, 1)  # a third of a minute is 20 s
    if seconds < 120:
        return f"{seconds:g} s"
    return f"{seconds / 60:g} min" if seconds < 7200 else f"{seconds / 3600:g} h"


_listing = threading.Lock()
_ended: dict[tuple[str, int], RunSummary] = {}  # by path and log size: an ended log never changes
_readers: dict[str, RunReader] = {}  # of runs that go on: a list reads on, not all over


def list_runs(root: Path) -> tuple[RunSummary, ...]:
    """All runs of the workspace, newest first; a damaged one is listed as such."""
    paths = [p.parent for p in runs_folder(root).glob("*/spec.json")]
    found = [summarise(path) for path in paths if _ID.fullmatch(path.name)]
    return tuple(sorted(found, key=lambda s: -s.created))


def summarise(path: Path) -> RunSummary:
    """One run's line in the list; any thread may ask."""
    log = path / "events.jsonl"
    key = (str(path), log.stat().st_size if log.exists() else 0)
    with _listing:
        if key in _ended:
            return _ended[key]
        try:
            reader = _readers.get(key[0]) or RunReader(RunFolder(path))
            state = reader.refresh()
        except AutoMLError:
            return _damaged(path)
        summary = _summary(path, reader, state)
        if state.finished is None:
            _readers[key[0]] = reader
        else:
            _ended[key] = summary
            _readers.pop(key[0], None)
        return summary


def _damaged(path: Path) -> RunSummary:
    created = (path / "spec.json").stat().st_mtime
    return RunSummary(
        path.name, str(path), "", "", "", "", RunStatus.DAMAGED, None, "", created, "", 0
    )


def _summary(path: Path, reader: RunReader, state: RunState) -> RunSummary:
    spec = reader.spec
    best = best_model(state, spec.metric)
    return RunSummary(
        id=path.name,
        path=str(path),
        name=spec.table.name,
        target=spec.target,
        task=spec.task,
        metric=spec.metric,
        status=state.status,
        score=best.score if best else None,
        best=best.name if best else "",
        created=state.wall_started or (path / "spec.json").stat().st_mtime,
        budget=budget_words(spec),
        trials=len(state.trials),
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
    names = [p.name for p in runs_folder(root).glob("*")]
    hint = did_you_mean(name, names) if names else "There are no runs yet."
    raise RunError(f"There is no run {name!r}.", hint)


def delete_run(run_id: str, root: Path) -> None:
    """Remove a run's folder, also a damaged one.

    Raises RunError where the run is active or not in the workspace.
    """
    folder = _in_workspace(run_id, root)
    if folder is None or not folder.path.is_dir():
        raise RunError(f"There is no run {run_id!r}.")
    if is_held(folder.path):
        raise RunError("This run is still going.", "Stop it first, then delete it.")
    shutil.rmtree(folder.path)


def _in_workspace(run_id: str, root: Path) -> RunFolder | None:
    """The folder of this id, which may not exist; None where the text cannot be an id."""
    return RunFolder(runs_folder(root) / run_id) if _ID.fullmatch(run_id) else None
