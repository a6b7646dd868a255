"""The speed of each network's training beside the machine's own at matrix products.

    python -m tests.benchmarks.throughput [--width 256] [--batch 256] [--names A,B] [--json FILE]

A step is what a fit does for one batch: gather, forward, backward, clip, optimiser. Its
multiplications and additions in products are counted by PyTorch (FlopCounterMode), and held
against the rate of a bare product (batch x width) (width x width) in float32 that is measured
between the steps, in the same state of the machine: a share travels between machines. One thread.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from statistics import median

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from automl_core.features.feature_layout import Feature
from automl_core.models.base import FitControl, FitData, ModelSpec
from automl_core.models.catalog import CATALOG
from automl_core.models.network import prepare
from automl_core.training.loop import Loop
from automl_core.training.precision import worth_rounding
from automl_core.types import Config, Task
from tests.benchmarks import figures

TARGET = 0.45  # of the rate of products, for those of
NAMED = ("realmlp", "mlp")
ROWS, COLUMNS = 20_000, 40
ROUNDS, STEPS, PRODUCTS = 40, 4, 20


@dataclass(frozen=True)
class Line:
    """One network's figures."""

    name: str
    task: Task
    width: int
    batch: int
    milliseconds: float  # a step
    gflops: float  # achieved
    product_gflops: float  # of the bare product
    share: float
    rounded_milliseconds: float | None  # a step with rounded products, where they are used


def table(task: Task) -> FitData:
    """Random numbers in the shape of a table."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(ROWS, COLUMNS)).astype(np.float32)
    y = x[:, 0] + rng.normal(size=ROWS)
    labels = y if task == "regression" else (y > 0).astype(np.int64)
    features = tuple(Feature(f"x{i}", f"x{i}", "number") for i in range(COLUMNS))
    metric, classes = ("rmse", 0) if task == "regression" else ("roc_auc", 2)
    return FitData(task, classes, features, x, labels, None, x[:100], labels[:100], None, metric)


def ready(model_spec: ModelSpec, task: Task, config: Config) -> Loop:
    """The card's network, as a fit would train it, without rounding."""
    torch.manual_seed(0)
    control = FitControl(lambda _: None, lambda: None, lambda: 0.0, seed=0)
    loop = prepare(model_spec, table(task), model_spec.defaults | config, control)[0]
    loop.settings = replace(loop.settings, may_round=False)
    loop.net.train()
    return loop


def seconds(work: Callable[[], object], times: int) -> float:
    """Mean seconds of some calls."""
    started = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - started) / times


def measure(model_spec: ModelSpec, task: Task, width: int, batch: int) -> Line:
    """Steps and bare products in turn, so that what else the machine does slows both."""
    config: Config = {"batch": batch, "epochs": 100}
    if "width" in model_spec.defaults:
        config["width"] = width
    loop = ready(model_spec, task, config)
    left, right = torch.randn(batch, width), torch.randn(width, width)
    with FlopCounterMode(display=False) as counter:
        loop.step()
    for _ in range(10):
        loop.step()
    steps, products = [], []
    for _ in range(ROUNDS):
        steps.append(seconds(loop.step, STEPS))
        products.append(seconds(lambda: left @ right, PRODUCTS))
    achieved = counter.get_total_flops() / median(steps) / 1e9
    rate = 2 * batch * width * width / median(products) / 1e9
    rounded = None
    if model_spec.defaults.get("rounding") and worth_rounding(loop.net, batch, torch.device("cpu")):
        loop.position = replace(loop.position, rounded=True)
        rounded = 1e3 * median([seconds(loop.step, STEPS) for _ in range(ROUNDS)])
    return Line(
        model_spec.name,
        task,
        width,
        batch,
        1e3 * median(steps),
        achieved,
        rate,
        achieved / rate,
        rounded,
    )


def text(line: Line) -> str:
    """One network's line."""
    rounded = "-" if line.rounded_milliseconds is None else f"{line.rounded_milliseconds:.2f}"
    return (
        f"{line.name:16}{line.task:12}{line.milliseconds:9.2f}{line.gflops:10.0f}"
        f"{line.product_gflops:10.0f}{line.share:8.0%}{rounded:>12}"
    )


def main() -> int:
    """Measures the networks asked for; the exit code is the number of those below the target."""
    parser = figures.arguments("Training speed over the rate of matrix products.")
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--names", default="", help="networks, comma-separated; all")
    options = parser.parse_args()
    torch.set_num_threads(1)
    wanted = set(filter(None, options.names.split(",")))
    model_specs = [c for c in CATALOG if c.kind == "network" and (not wanted or c.name in wanted)]
    print(f"{COLUMNS} numbers, width {options.width}, batch {options.batch}, one thread, float32")
    print(
        f"{'network':16}{'task':12}{'ms/step':>9}{'GFLOP/s':>10}{'product':>10}{'share':>8}", end=""
    )
    print(f"{'rounded ms':>12}")
    lines = []
    tasks: tuple[Task, ...] = ("binary", "regression")
    for model_spec in model_specs:
        for task in tasks:
            lines.append(measure(model_spec, task, options.width, options.batch))
            print(text(lines[-1]), flush=True)
    figures.write_json(options.json, [asdict(line) for line in lines])
    return sum(line.share < TARGET for line in lines if line.name in NAMED)


if __name__ == "__main__":
    sys.exit(main())
