"""A run in processes of its own that are killed and resumed, and what is wrong with it then."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from automl_core.errors import AutoMLError
from automl_core.export.predictor import load_predictor
from automl_core.runs.record import LogReader, RunFolder, RunReader, RunState, trial_files
from automl_core.types import RunStatus

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 90.0  # seconds beyond its budget, in which a process has to end
GONE_WITHIN = 5.0  # seconds after a kill, in which its workers have to end
OVER = 0.05  # share of the budget that may be spent beyond it,
OVER_LEAST = 1.5  # seconds; or so much, where that is more


@dataclass(frozen=True)
class Job:
    """What is trained, where, and by which kind of process."""

    folder: Path  # of the run
    workspace: Path
    table: Path
    target: str
    seconds: float  # of budget
    kind: str  # "command line" or "app"
    flags: tuple[str, ...] = ()  # more of them, of the command line

    def command(self, resume: bool) -> list[str]:
        """The process that starts the run, or resumes it."""
        folder = str(self.folder)
        if self.kind == "app":
            rest = [] if resume else [str(self.table), self.target, f"{self.seconds:g}"]
            what = "resume" if resume else "start"
            return [sys.executable, "-m", "tests.faults.app_process", what, folder, *rest]
        torchlight = [sys.executable, "-m", "automl_core"]
        if resume:
            return [*torchlight, "resume", folder]
        asked = ["--target", self.target, "--budget", f"{self.seconds:g}s", "--out", folder]
        return [*torchlight, "train", str(self.table), *asked, *self.flags]


@dataclass
class Findings:
    """What was seen of one run."""

    lost: int = 0  # trials that had finished before a kill, and cannot be used after the end
    orphans: int = 0  # processes that outlived the one that started them
    not_resumed: int = 0
    no_model: int = 0
    kept: int = 0  # trials that had finished before the last kill
    trials: int = 0  # usable ones at the end
    spent: float = 0.0  # seconds of budget, with those of which the log says nothing
    over: bool = False  # more than was allowed
    words: list[str] = field(default_factory=list)  # what is wrong

    @property
    def failed(self) -> bool:
        """Anything is wrong."""
        return bool(self.lost or self.orphans or self.not_resumed or self.no_model or self.over)


class KilledRun:
    """One run, from its start to its end, through kills."""

    def __init__(self, job: Job) -> None:
        self.job, self.found = job, Findings()
        self._finished: dict[int, float] = {}  # trials before the last kill, with their scores
        self._log = b""
        self.had_ended = False  # before it was killed: there is nothing to go on with
        self.unlogged = 0.0  # seconds of work that no event tells of
        self._process: subprocess.Popen[bytes] | None = None
        self._began = 0.0  # seconds since 1970, of the process

    def begin(self, resume: bool = False) -> None:
        """Start a process for the run, and wait until the run's folder is there."""
        environment = {**os.environ, "TORCHLIGHT_WORKSPACE": str(self.job.workspace)}
        self._began = time.time()
        with self.job.folder.with_suffix(".out").open("ab") as out:
            self._process = subprocess.Popen(
                self.job.command(resume), cwd=ROOT, env=environment, stdout=out, stderr=out,
                start_new_session=True,
            )  # fmt: skip
        until = time.monotonic() + PATIENCE
        while not (self.job.folder / "spec.json").exists() and time.monotonic() < until:
            if self._process.poll() is not None:
                break
            time.sleep(0.02)

    def kill(self, after: float) -> bool:
        """Kill the process after so many seconds; False where the run had ended before that."""
        process, until = self._running, time.monotonic() + after
        while time.monotonic() < until:
            if process.poll() is not None:
                return False
            time.sleep(0.005)
        children = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        killed_at = time.time()
        process.wait()
        self._look_for_orphans(children)
        self._remember(killed_at)
        return True

    def kill_worker(self, after: float, which: int) -> bool:
        """Kill one worker of the process after so many seconds; False where there was none."""
        process, until = self._running, time.monotonic() + after
        while time.monotonic() < until and process.poll() is None:
            time.sleep(0.005)
        if process.poll() is not None:
            return False
        workers = psutil.Process(process.pid).children()
        if not workers:
            return False
        self._remember(None)
        try:
            workers[which % len(workers)].kill()
        except psutil.NoSuchProcess:  # it has just ended by itself
            return False
        return True

    def await_trial(self) -> bool:
        """Wait until a trial beyond the baseline has finished; False where the run ended before."""
        folder, process = RunFolder(self.job.folder), self._running
        while process.poll() is None:
            state = RunReader(folder).refresh() if folder.log_path.exists() else None
            trials = [] if state is None else state.trials.values()
            if any(trial.usable and trial.family != "constant" for trial in trials):
                return True
            time.sleep(0.1)
        return False

    @property
    def is_over(self) -> bool:
        """The run has ended, and was not only interrupted."""
        return RunReader(RunFolder(self.job.folder)).refresh().finished is not None

    def seconds_left(self) -> float:
        """Of the run's budget, by its log."""
        state = RunReader(RunFolder(self.job.folder)).refresh()
        return max(0.0, self.job.seconds - state.spent_seconds(state.clock))

    def strike(self, after: float, blow: Callable[[], object]) -> bool:
        """Hit what the process needs after so many seconds; False where the run had ended."""
        process, until = self._running, time.monotonic() + after
        while time.monotonic() < until and process.poll() is None:
            time.sleep(0.005)
        if process.poll() is not None:
            return False
        self._remember(None)
        blow()
        return True

    def wait(self) -> float:
        """Wait until the process ends by itself; the seconds that it took."""
        began = time.monotonic()
        self._running.wait(self.job.seconds + PATIENCE)
        return time.monotonic() - began

    def end(self) -> None:
        """Wait for the end of the process, and look at what the run has left."""
        process = self._running
        if self.had_ended:
            self._judge(0)
            return
        children = psutil.Process(process.pid).children(recursive=True) if self._lives else []
        try:
            status = process.wait(self.job.seconds + PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            status = process.wait()
            self.found.words.append("it did not end")
        self._look_for_orphans(children)
        self._judge(status)

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    @property
    def _lives(self) -> bool:
        return self._running.poll() is None

    def _look_for_orphans(self, children: list[psutil.Process]) -> None:
        _, left = psutil.wait_procs(children, timeout=GONE_WITHIN)
        for child in left:
            child.kill()
        self.found.orphans += len(left)

    def _remember(self, killed_at: float | None) -> None:
        """The run as a kill leaves it."""
        folder = RunFolder(self.job.folder)
        if not folder.exists:
            return
        state = RunReader(folder).refresh()
        self._finished = usable_trials(folder, state)
        self.had_ended = killed_at is not None and state.finished is not None
        self._log = folder.log_path.read_bytes() if folder.log_path.exists() else b""
        entries = LogReader(folder.log_path).read()
        if killed_at is not None and entries and entries[-1].wall >= self._began:
            self.unlogged += max(0.0, killed_at - entries[-1].wall)

    def _judge(self, status: int) -> None:
        found, folder = self.found, RunFolder(self.job.folder)
        state = RunReader(folder).refresh()
        if status or state.finished is None or state.status != RunStatus.FINISHED:
            found.not_resumed = 1
            found.words.append(f"exit status {status}, the run is {state.status}: {state.reason}")
        now = usable_trials(folder, state)
        lost = [n for n, score in self._finished.items() if now.get(n) != score]
        found.kept, found.trials, found.lost = len(self._finished), len(now), len(lost)
        whole = self._log[: self._log.rfind(b"\n") + 1]
        if lost or not folder.log_path.read_bytes().startswith(whole):
            found.lost = max(1, found.lost)
            found.words.append(f"lost trials: {lost}")
        try:
            best = None if state.finished is None else state.finished.best
            load_predictor(folder.model_files(best if best is not None else -10))
        except AutoMLError as error:
            found.no_model = 1
            found.words.append(f"no model: {error}")
        if (folder.path / "unfinished").exists() and state.finished is not None:
            found.words.append("unfinished/ is still there")
        found.spent = state.spent_seconds(state.clock) + self.unlogged
        most = self.job.seconds + max(OVER * self.job.seconds, OVER_LEAST)
        if found.spent > most:
            found.over = True
            found.words.append(f"{found.spent:.1f} s of {self.job.seconds:g} s spent")


def usable_trials(folder: RunFolder, state: RunState) -> dict[int, float]:
    """The trials whose model and predictions can be read, with their scores."""
    found = {}
    for trial in state.trials.values():
        if trial.usable and trial.score is not None:
            try:
                trial_files(folder, trial.number)
                folder.out_of_fold(trial.number)
            except AutoMLError:
                continue
            found[trial.number] = trial.score
    return found
