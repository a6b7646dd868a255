"""What it costs to keep the state of a network in training, in case that its run is interrupted.

    python -m tests.benchmarks.checkpoint_cost [--names A,B] [--states 20] [--json FILE]

Everything that a run does takes place: the copy between two steps, packing and sending in a thread
of the worker, and in another process its way to the disk. "stands": the time for which the training
stands still. "work": the processor's time for all of it, which the training loses where no core is
idle. Both as shares of the seconds between two states in a run. One thread trains, as in a worker.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean, median
from typing import Any, BinaryIO

import psutil
import torch

from automl_core.models.base import FitControl, ModelSpec
from automl_core.models.catalog import CATALOG
from automl_core.models.network import prepare
from automl_core.runs.executor import FoldTask, TrainingKept, read_frame, result_frame, write_frame
from automl_core.runs.executor.results import read_result
from automl_core.runs.record import Unfinished
from automl_core.runs.worker import checkpoints
from automl_core.runs.worker.checkpoints import Checkpoint, CheckpointSender, Reached
from tests.benchmarks import figures
from tests.benchmarks.throughput import table

EVERY = checkpoints.EVERY_SECONDS
PAUSE = 0.2  # seconds of training between two states here
MOST = 0.01  # of a training


@dataclass(frozen=True)
class Line:
    """One network's figures."""

    name: str
    megabytes: float  # of a state
    stands_ms: float  # the median
    work_ms: float  # the mean
    stands: float  # share of a training
    work: float


class _Pipe:
    """Stands for a worker's connection: sends results to a process that keeps them."""

    def __init__(self, outgoing: BinaryIO) -> None:
        self._outgoing = outgoing

    def send(self, result: Any) -> None:
        write_frame(self._outgoing, result_frame(1, result))

    def keeps_now(self) -> bool:
        return False


def keep_all(incoming: int, folder: str) -> None:
    """The other process: what the coordinator does with a state."""
    kept = Unfinished(Path(folder))
    with os.fdopen(incoming, "rb") as stream:
        while (frame := read_frame(stream)) is not None:
            _, result = read_result(frame)
            if isinstance(result, TrainingKept):
                kept.save_state(result.trial, result.folds, b"".join(result.files.values()))


def measure(model_spec: ModelSpec, count: int, pipe: Any, other: psutil.Process) -> Line:
    """One network whose state is kept so many times while it trains."""
    control = FitControl(lambda _: None, lambda: None, lambda: 0.0, 0)
    loop, _ = prepare(model_spec, table("binary"), model_spec.defaults, control)
    loop.net.train()
    for _ in range(3):
        loop.step()
    loop.best_weights = {k: v.detach().clone() for k, v in loop.net.state_dict().items()}
    job = FoldTask(1, 0, model_spec.name, {}, 0)
    sender = CheckpointSender((job,), Checkpoint(Reached(), b""), Reached, pipe)
    copies: list[float] = []
    before = _work(other)
    while len(copies) < count:
        loop.step()
        if sender.is_due():
            began = time.perf_counter()
            sender.keep(loop.state().to_bytes)
            copies.append(time.perf_counter() - began)
    sender.close()
    time.sleep(PAUSE)  # the last one is written
    stands, work = median(copies), mean(copies) + (_work(other) - before) / count
    size, every = len(loop.state().to_bytes()) / 1e6, EVERY
    return Line(model_spec.name, size, 1000 * stands, 1000 * work, stands / every, work / every)


def _work(other: psutil.Process) -> float:
    """Seconds of processors that the other process, and threads beside this one, have used."""
    times = other.cpu_times()
    return float(times.user + times.system) + time.process_time() - time.thread_time()


def main() -> int:
    """Every network, one after the other."""
    parser = figures.arguments("What it costs to keep the state of a training.")
    parser.add_argument("--names", default="", help="networks, separated by commas")
    parser.add_argument("--states", type=int, default=20, help="that are kept of each")
    options = parser.parse_args()
    torch.set_num_threads(1)
    checkpoints.EVERY_SECONDS = PAUSE
    asked = options.names.split(",") if options.names else []
    networks = [c for c in CATALOG if c.kind == "network" and (not asked or c.name in asked)]
    incoming, outgoing = os.pipe()
    lines = []
    with tempfile.TemporaryDirectory(prefix="torchlight-kept-") as folder:
        keeping = multiprocessing.get_context("fork").Process(
            target=_reader, args=(incoming, outgoing, folder)
        )
        keeping.start()
        os.close(incoming)
        other = psutil.Process(keeping.pid)
        print(f"{'network':<16}{'MB':>7}{'stands ms':>11}{'work ms':>9}{'stands':>9}{'work':>9}")
        with os.fdopen(outgoing, "wb") as stream:
            for model_spec in networks:
                line = measure(model_spec, options.states, _Pipe(stream), other)
                lines.append(line)
                print(
                    f"{line.name:<16}{line.megabytes:>7.2f}{line.stands_ms:>11.2f}"
                    f"{line.work_ms:>9.1f}{line.stands:>9.3%}{line.work:>9.3%}", flush=True,
                )  # fmt: skip
        keeping.join()
    figures.write_json(options.json, [asdict(line) for line in lines])
    return int(any(line.work > MOST for line in lines))


def _reader(incoming: int, outgoing: int, folder: str) -> None:
    os.close(outgoing)
    keep_all(incoming, folder)


if __name__ == "__main__":
    sys.exit(main())
