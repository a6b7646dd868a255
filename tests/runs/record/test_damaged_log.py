"""A damaged log hides no more than the damaged records, and says what they may have held."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from automl_core.charts import ensemble_parts, loss_curves, score_history
from automl_core.errors import AutoMLError, RunError
from automl_core.runs import summarise
from automl_core.runs.record import (
    HeldOutScore,
    Outcome,
    RunFolder,
    RunReader,
    build_leaderboard,
    save_outcome,
)
from automl_core.runs.record.leaderboard import best_model
from automl_core.runs.record.state import RunState
from automl_core.types import RunStatus
from tests.finished_run import make_run

DAMAGES = 300
Damage = Callable[[random.Random, list[bytes]], bytes]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    return make_run(tmp_path_factory.mktemp("workspace"), "run-a")


def _flip(draw: random.Random, lines: list[bytes]) -> bytes:
    data = bytearray(b"".join(lines))
    for _ in range(draw.choice((1, 1, 5))):
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    return bytes(data)


def _zeroed(draw: random.Random, lines: list[bytes]) -> bytes:
    data = bytearray(b"".join(lines))
    begin, size = draw.randrange(len(data)), draw.choice((16, 512, 4096))
    data[begin : begin + size] = bytes(len(data[begin : begin + size]))
    return bytes(data)


def _cut_out(draw: random.Random, lines: list[bytes]) -> bytes:
    data = b"".join(lines)
    begin = draw.randrange(len(data))
    return data[:begin] + data[begin + draw.randrange(1, 600) :]


def _missing(draw: random.Random, lines: list[bytes]) -> bytes:
    gone = draw.sample(range(len(lines)), draw.randrange(1, 4))
    return b"".join(line for number, line in enumerate(lines) if number not in gone)


def _shuffled(draw: random.Random, lines: list[bytes]) -> bytes:
    return b"".join(draw.sample(lines, len(lines)))


def _doubled(draw: random.Random, lines: list[bytes]) -> bytes:
    return b"".join(line * draw.choice((1, 1, 2)) for line in lines)


KINDS: tuple[Damage, ...] = (_flip, _flip, _zeroed, _cut_out, _missing, _shuffled, _doubled)


def _looked_at(folder: RunFolder) -> RunState:
    """The state of the run, after everything that lists or draws it has been asked."""
    state = RunReader(folder).refresh()
    build_leaderboard(state, "roc_auc")
    best_model(state, "roc_auc")
    ensemble_parts(state)
    loss_curves(state, tuple(state.trials), "roc_auc")
    score_history(state, "roc_auc")
    summarise(folder.path)
    return state


def test_random_damages_lose_no_other_record_and_change_no_score(
    finished: RunFolder, tmp_path: Path
) -> None:
    lines = finished.log_path.read_bytes().splitlines(keepends=True)
    whole = RunReader(finished).refresh()
    for seed in range(DAMAGES):
        draw = random.Random(seed)
        damaged = draw.choice(KINDS)(draw, lines)
        folder = RunFolder(tmp_path / f"run-{seed}")
        folder.path.mkdir()
        for name in ("spec.json", "schema.json", "checksums.jsonl"):
            shutil.copy(finished.path / name, folder.path / name)
        folder.log_path.write_bytes(damaged)
        try:
            state = _looked_at(folder)
        except AutoMLError:
            continue
        for number, trial in state.trials.items():
            assert trial.score in (None, whole.trials[number].score), seed
        if state.ensemble is not None:
            assert state.ensemble == whole.ensemble, seed
        if lines[-1] in damaged:
            assert state.finished == whole.finished, seed
            assert state.status == RunStatus.FINISHED, seed
        else:
            assert state.status in (RunStatus.FINISHED, RunStatus.INTERRUPTED), seed
        if all(line in damaged for line in lines):
            assert state == whole, seed
            assert state.damage is None, seed
        elif state.events < len(lines) and state.finished is not None:
            assert state.damage is not None, seed


def _without(folder: RunFolder, *texts: bytes) -> RunState:
    """The state of a run whose log lacks the first line with each text."""
    lines = folder.log_path.read_bytes().splitlines(keepends=True)
    for text in texts:
        lines.remove(next(line for line in lines if text in line))
    folder.log_path.write_bytes(b"".join(lines))
    return RunReader(folder).refresh()


def test_what_is_lost_is_said_in_words(workspace: Path) -> None:
    folder = make_run(workspace, "run-a")
    count = folder.log_path.read_bytes().count(b"\n")
    state = _without(folder, b'"kind":"epochs"')
    assert state.notes[-1][1].message == (
        f"1 of {count} records of this run's log is damaged; no trial's score is missing."
    )
    state = _without(folder, b'"kind":"trial_started","trial":1')
    assert state.notes[-1][1].message == (
        f"2 of {count} records of this run's log are damaged; the score of trial 1 may be missing."
    )
    state = _without(folder, b'"kind":"trial_finished","trial":2')
    assert [note.message for _, note in state.notes[1:]] == [
        f"3 of {count} records of this run's log are damaged; "
        "scores of trials 1 and 2 may be missing."
    ]
    assert state.status == RunStatus.FINISHED


def test_a_finished_run_whose_last_record_is_lost_has_the_outcome_that_lies_beside_it(
    workspace: Path,
) -> None:
    folder = make_run(workspace, "run-a")
    end = RunReader(folder).refresh().finished
    assert end is not None
    state = _without(folder, b'"kind":"run_finished"')
    assert (state.finished, state.status) == (None, RunStatus.INTERRUPTED)
    test = HeldOutScore(end.test_score, end.test_low, end.test_high)
    save_outcome(folder, Outcome(-1, "ensemble", test))
    state = RunReader(folder).refresh()
    assert state.finished is not None
    assert (state.status, state.finished.best) == (RunStatus.FINISHED, -1)
    assert state.finished.test_score == end.test_score
    assert "last record of its log" in state.reason


@pytest.mark.parametrize("name", ["spec.json", "schema.json"])
@pytest.mark.parametrize("content", ["[" * 100_000, "{}", "\0" * 50, '{"format_version": 1}'])
def test_a_record_that_cannot_be_read_is_said_in_words(
    name: str, content: str, workspace: Path
) -> None:
    folder = make_run(workspace, "run-a")
    (folder.path / name).write_text(content)
    with pytest.raises(RunError, match=f"{name} of the run in .* is damaged"):
        folder.spec() if name == "spec.json" else folder.schema()


def test_a_run_of_a_newer_version_is_refused_in_words(workspace: Path) -> None:
    folder = make_run(workspace, "run-a")
    newer = folder.read("spec.json").replace(b'"format_version": 1', b'"format_version": 99')
    folder.write({"spec.json": newer})
    with pytest.raises(RunError, match=r"newer version \(format 99\)"):
        RunReader(folder)
    assert summarise(folder.path).status == RunStatus.DAMAGED


def test_a_folder_in_place_of_a_file_is_said_in_words(workspace: Path) -> None:
    path = workspace / "runs" / "run-a"
    (path / "spec.json").mkdir(parents=True)
    assert summarise(path).status == RunStatus.DAMAGED
    folder = make_run(workspace, "run-b")
    folder.log_path.unlink()
    folder.log_path.mkdir()
    with pytest.raises(RunError, match="log of the run cannot be read"):
        RunReader(folder).refresh()
