"""What it costs to keep the state of a network in training, in case that its run is interrupted.

    python -m tests.benchmarks.checkpoint_cost [--names A,B] [--rounds 5] [--seconds 3]

A state is kept `OFTEN` times as often as in a run, so that the cost can be seen: windows of steps
with and without it take turns, and the loss of steps is divided by `OFTEN`. Everything that a run
does takes place: the copy between two steps, packing and sending in a thread of the worker, and in
another process its way to the disk. One thread for the training, as in a worker.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any, BinaryIO

import torch

from automl_core.models.base import FitControl, ModelSpec
from automl_core.models.catalog import CATALOG
from automl_core.models.network import prepare
from automl_core.runs.executor import FoldTask, TrainingKept, read_frame, result_frame, write_frame
from automl_core.runs.executor.results import read_result
from automl_core.runs.record import Unfinished
from automl_core.runs.worker import checkpoints
from automl_core.runs.worker.checkpoints import Checkpoint, CheckpointSender, Reached
from automl_core.training.loop import Loop
from tests.benchmarks import figures
from tests.benchmarks.throughput import table

OFTEN = 16
MOST = 0.01  # of a training


@dataclass(frozen=True)
class Line:
    """One network's figures."""

    name: str
    megabytes: float  # of a state
    copy_ms: float  # for which the training stands still
    stands: float  # that, as a share of the training
    cost: float  # of a training, all in all, as measured
    low: float  # the range of that over the rounds
    high: float


class _Pipe:
    """Stands for a worker's connection: sends results to a process that keeps them."""

    def __init__(self, outgoing: BinaryIO) -> None:
        self._outgoing = outgoing

    def send(self, result: Any) -> None:
        write_frame(self._outgoing, result_frame(1, result))


def keep_all(incoming: int, folder: str) -> None:
    """The other process: what the coordinator does with a state."""
    kept = Unfinished(Path(folder))
    with os.fdopen(incoming, "rb") as stream:
        while (frame := read_frame(stream)) is not None:
            _, result = read_result(frame)
            if isinstance(result, TrainingKept):
                kept.save_state(result.trial, result.folds, b"".join(result.files.values()))


def steps_in(loop: Loop, seconds: float, between: Callable[[], None]) -> float:
    """Steps a second of a window of training."""
    began, count = time.perf_counter(), 0
    while (passed := time.perf_counter() - began) < seconds:
        between()
        loop.step()
        count += 1
    return count / passed


def measure(model_spec: ModelSpec, rounds: int, seconds: float, pipe: Any) -> Line:
    """One network with and without checkpoints, in turns."""
    control = FitControl(lambda _: None, lambda: None, lambda: 0.0, 0)
    loop, _ = prepare(model_spec, table("binary"), model_spec.defaults, control)
    loop.net.train()
    for _ in range(3):
        loop.step()
    loop.best_weights = {k: v.detach().clone() for k, v in loop.net.state_dict().items()}
    job = FoldTask(1, 0, model_spec.name, {}, 0)
    sender = CheckpointSender((job,), Checkpoint(Reached(), b""), Reached, pipe)
    copies: list[float] = []

    def keep() -> None:
        if sender.is_due():
            began = time.perf_counter()
            state = loop.state()
            copies.append(time.perf_counter() - began)
            sender.keep(state.to_bytes)

    losses = []
    for number in range(rounds):
        ways: list[Callable[[], None]] = [keep, lambda: None]
        order = ways if number % 2 else ways[::-1]
        found = {way: steps_in(loop, seconds, way) for way in order}
        losses.append((1 - found[keep] / found[ways[1]]) / OFTEN)
    sender.close()
    size = len(loop.state().to_bytes()) / 1e6
    every = OFTEN * checkpoints.EVERY_SECONDS
    copy = median(copies)
    return Line(
        model_spec.name, size, 1000 * copy, copy / every, median(losses), min(losses), max(losses)
    )


def main() -> int:
    """Every network, one after the other."""
    parser = figures.arguments("What it costs to keep the state of a training.")
    parser.add_argument("--names", default="", help="networks, separated by commas")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="of one window")
    options = parser.parse_args()
    torch.set_num_threads(1)
    checkpoints.EVERY_SECONDS /= OFTEN
    asked = options.names.split(",") if options.names else []
    networks = [c for c in CATALOG if c.kind == "network" and (not asked or c.name in asked)]
    incoming, outgoing = os.pipe()
    with tempfile.TemporaryDirectory(prefix="torchlight-kept-") as folder:
        other = multiprocessing.get_context("fork").Process(
            target=_reader, args=(incoming, outgoing, folder)
        )
        other.start()
        os.close(incoming)
        with os.fdopen(outgoing, "wb") as stream:
            lines = []
            print(f"{'network':<16}{'MB':>7}{'stands ms':>11}{'stands':>9}{'cost':>9}  range")
            for model_spec in networks:
                line = measure(model_spec, options.rounds, options.seconds, _Pipe(stream))
                lines.append(line)
                print(
                    f"{line.name:<16}{line.megabytes:>7.2f}{line.copy_ms:>11.2f}"
                    f"{line.stands:>9.3%}{line.cost:>9.2%}  {line.low:.2%} to {line.high:.2%}",
                    flush=True,
                )
        other.join()
    figures.write_json(options.json, [asdict(line) for line in lines])
    return int(any(line.cost > MOST for line in lines))


def _reader(incoming: int, outgoing: int, folder: str) -> None:
    os.close(outgoing)
    keep_all(incoming, folder)


if __name__ == "__main__":
    sys.exit(main())
