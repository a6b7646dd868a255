"""A run in the foreground: `train` of the command line. The same coordinator as the app's.

Progress goes to stderr, one line a finished trial. Ctrl-C stops the run and keeps the best; the
system's request to end interrupts it, so that it can go on later.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import FrameType

from automl_core.cli.decisions import say_differences, say_doubts
from automl_core.cli.finding_lines import say_warnings
from automl_core.cli.progress_line import shown_progress
from automl_core.cli.result_lines import result_lines
from automl_core.cli.text import printable, say
from automl_core.errors import RunError, StorageError
from automl_core.files import workspace
from automl_core.runs import tell_end
from automl_core.runs.coordinator import conduct
from automl_core.runs.executor import Executor, open_executor
from automl_core.runs.record import (
    LeaderRow,
    RunFolder,
    RunReader,
    RunState,
    TrainRequest,
    Trial,
    build_leaderboard,
    check_can_resume,
    count_models,
    features_words,
    held,
    mark_queued,
    offered_models,
    refit_words,
    send_command,
)
from automl_core.runs.setup import Source, build_from_table, store_source
from automl_core.table import (
    NOTHING_SET,
    Decision,
    ReadOptions,
    SourceFormat,
    TableInfo,
    open_table,
)
from automl_core.types import CommandName, Severity, TrialStatus
from automl_core.words import score_text, size

REPORT_SECONDS = 0.5
WEBHOOK_SECONDS = 20.0  # that the command waits for a webhook at its end


def train(
    source: Source,
    request: TrainRequest,
    out: Path,
    test: Path | None = None,
    reading: ReadOptions = NOTHING_SET,
) -> int:
    """Read, train within the budget, and report; returns the exit status.

    `test` is a file whose rows are scored once, at the end. `reading` says how the file is read;
    the test file is read alike where its columns are found so.

    Raises AutoMLError where the table or the request cannot be used.
    """
    root = workspace()
    folder = RunFolder(out.resolve())
    if folder.exists:
        raise RunError(f"There is a run in {out} already.", "Choose another folder for --out.")
    options, log = request.options, root / "workers.log"
    executor, workers = open_executor(options.cluster, options.workers, log, options.device)
    try:
        _check(executor)
        started = time.monotonic()
        table = _store(source, root, SourceFormat("", asked=reading))
        store_test = None
        if test is not None:
            store_test = partial(_store, test, root, training=table.decisions)
        spec, schema = build_from_table(table, request, root, store_test)
        say_warnings(open_table(table.hash, root), schema, spec.target)
        folder.claim()
        # the lock comes first: a spec that nobody holds is that of an interrupted run
        with held(folder.path), _signals_heeded(folder, executor) as ending:
            folder.create(spec, schema)
            began = time.monotonic()
            with _progress(folder):
                state = conduct(folder, executor, root, began, workers)
        seconds = (began - started, time.monotonic() - began - state.paused_seconds)
    finally:
        executor.close()
    if state.finished is None and ending:
        return _say_interrupted(folder, ending[0])
    _tell_webhooks(folder)
    return _say_end(folder, state, _clock(*seconds, state.budget_seconds))


def _check(executor: Executor) -> None:
    """RunError where a cluster cannot be used."""
    if words := executor.status().broken:
        raise RunError(words)


def resume(folder: RunFolder, more: float | None, cluster: str | None = None) -> int:
    """Go on with a run that is over or was interrupted; returns the exit status.

    For `more` seconds, or with what is left of its budget; on this machine, or on the `cluster` of
    that address. Raises RunError where it cannot go on.
    """
    root, reader = workspace(), RunReader(folder)
    check_can_resume(before := reader.refresh(), more)
    spent = before.spent_seconds(before.clock)
    options, taken = reader.spec.options, "Another process goes on with this run, or is about to."
    log = root / "workers.log"
    executor, workers = open_executor(cluster, options.workers, log, options.device)
    try:
        _check(executor)
        with held(folder.path, taken), _signals_heeded(folder, executor) as ending:
            mark_queued(folder.path)
            began = time.monotonic()
            with _progress(folder):
                state = conduct(folder, executor, root, began, workers, more)
        seconds = state.spent_seconds(state.clock) - spent
    finally:
        executor.close()
    if state.finished is None and ending:
        return _say_interrupted(folder, ending[0])
    _tell_webhooks(folder)
    return _say_end(folder, state, f"Training went on for {seconds:.1f} s.")


def _tell_webhooks(folder: RunFolder) -> None:
    """Tell whoever wants to hear of the end, and wait for that a moment."""
    if (thread := tell_end(folder)) is not None:
        thread.join(WEBHOOK_SECONDS)


def _say_end(folder: RunFolder, state: RunState, clock: str) -> int:
    """The report, and the run's warnings once more; the exit status."""
    if not folder.log_path.exists():  # moved or deleted meanwhile
        raise RunError(f"The run has ended. {state.reason}")
    if state.finished is None:  # the note that says why is printed already
        raise RunError("The run is interrupted.", f"`torchlight resume {folder.path}` goes on.")
    try:
        status = report(folder, state)
        print(clock)
    finally:
        for _, note in state.notes:  # once more: the first time is long ago
            if note.severity == Severity.WARNING:
                say(note.severity, note.message)
    return status


def _say_interrupted(folder: RunFolder, signal_number: int) -> int:
    """Print how to go on with the run; returns the exit status for that signal."""
    with contextlib.suppress(OSError):  # the terminal may be gone
        print(f"Interrupted. Go on with: torchlight resume {folder.path}", file=sys.stderr)
    return 128 + signal_number


def _clock(reading: float, training: float, budget: float | None) -> str:
    """One sentence: seconds of reading and of training, and the budget, which covers training."""
    words = f"Reading {reading:.1f} s, training {training:.1f} s"
    return f"{words} of the budget of {budget:g} s." if budget is not None else f"{words}."


def _store(
    source: Source,
    root: Path,
    source_format: SourceFormat,
    training: Sequence[Decision] | None = None,
) -> TableInfo:
    """The table in the workspace; `training` are the decisions about the one that trains, if
    this one is another. What was read otherwise is said."""
    if isinstance(source, Path):
        with shown_progress(source) as report:
            info = store_source(source, root, report, source_format)
    else:
        info = store_source(source, root, source_format=source_format)
    say_doubts(info.decisions)
    if training is None:
        say_differences(info.decisions)
    else:
        say_differences(info.decisions, info.name, training)
    return info


@contextmanager
def _signals_heeded(folder: RunFolder, executor: Executor) -> Iterator[list[int]]:
    """Stop the run at Ctrl-C; interrupt it when the system ends the process or its terminal closes.

    Gives a list that then gets the number of the signal that interrupted. What is ignored already
    (nohup) stays so.
    """
    interrupted_by: list[int] = []

    def stop(_: int, __: FrameType | None) -> None:
        with contextlib.suppress(OSError):  # the terminal may be gone
            print("Stopping; the best model so far is kept.", file=sys.stderr)
        with contextlib.suppress(StorageError):  # then the run ends of itself
            send_command(folder.path, CommandName.STOP)

    def interrupt(number: int, _: FrameType | None) -> None:
        interrupted_by.append(number)
        executor.interrupt()

    asked: dict[str, Callable[[int, FrameType | None], None]] = {"SIGINT": stop}
    asked |= dict.fromkeys(("SIGTERM", "SIGHUP"), interrupt)  # Windows lacks the last
    handlers = {getattr(signal, name): run for name, run in asked.items() if hasattr(signal, name)}
    before = {number: signal.getsignal(number) for number in handlers}
    heeded = [number for number in handlers if before[number] is not signal.SIG_IGN]
    for number in heeded:
        signal.signal(number, handlers[number])
    try:
        yield interrupted_by
    finally:
        for number in heeded:
            signal.signal(number, before[number])


@contextmanager
def _progress(folder: RunFolder) -> Iterator[None]:
    """Report finished trials and notes from the log, in a thread that only reads."""
    over = threading.Event()
    reader = RunReader(folder)
    reader.refresh()  # what an earlier part of the run has said is not said again
    thread = threading.Thread(target=_follow, args=(reader, over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=2)


def _follow(reader: RunReader, over: threading.Event) -> None:
    before = reader.state
    printed = {(t.number, t.folds) for t in before.trials.values() if _has_ended(t)}
    said = {note.message for _, note in before.notes}
    while True:
        last = over.wait(REPORT_SECONDS)
        state = reader.refresh()
        for _, note in state.notes:
            if note.message not in said:
                said.add(note.message)
                say(note.severity, note.message)
        for trial in list(state.trials.values()):
            if (trial.number, trial.folds) in printed or not _has_ended(trial):
                continue
            again = any(number == trial.number for number, _ in printed)
            printed.add((trial.number, trial.folds))
            score = "no score" if trial.score is None else score_text(trial.score)
            words = trial.message or trial.status
            if again and state.started is not None:
                words = f"trained on {trial.folds} of {state.started.parts} parts"
            t = state.clock if again else trial.ended or 0.0
            print(f"{t:7.1f} s  {trial.name:<20} {score:>10}  {words}", file=sys.stderr)
        if last:
            return


def _has_ended(trial: Trial) -> bool:
    return trial.status != TrialStatus.RUNNING


def report(folder: RunFolder, state: RunState) -> int:
    """Say on stdout what the run ended with; the exit status. RunError where it left no model."""
    end = state.finished
    if end is None or end.best is None:
        raise RunError(f"The run ended without a model. {state.reason}".strip())
    spec = folder.spec()
    rows = {row.trial: row for row in build_leaderboard(state, spec.metric)}
    best = rows[end.best]
    for line in result_lines(folder, spec, state):
        print(printable(line))
    words = f" ({best.message})" if best.message else ""
    print(f"Model: {_line(best)}{words}, best of {count_models(tuple(rows.values()))}")
    if words := refit_words(state, end.best, end.refitted):
        print(words)
    if words := features_words(state.features, spec.metric):
        print(words)
    for offer in offered_models(state, tuple(rows.values())):
        if offer.row.trial != end.best:
            print(f"{offer.title}: {_line(offer.row)}")
    print(f"{end.reason} The run is in {folder.path}")
    return 0


def _line(row: LeaderRow) -> str:
    """A model with its score and what it costs, as far as it is known."""
    parts = [row.name]
    if row.score is not None:
        parts.append(f"{score_text(row.score)} in validation")
    if row.predict_ms_per_row is not None:
        parts.append(f"{row.predict_ms_per_row:.2g} ms a row")
    if row.size_bytes is not None:
        parts.append(size(row.size_bytes))
    return ", ".join(parts)
