"""What training networks as one gains, and whether each becomes what it becomes alone.

    python -m tests.gpu.stacked_figures [--names adult,wine_quality] [--members 16] [--json FILE]

Speed: a step of one network and a step of all as one, in turn; rows a second, and the products
of that step over the rate of a bare product on the same device. Scores: the same configurations
with the same seeds as one and one by one; what their validation scores differ by, beside the
spread of one configuration over seeds. All configurations are of one architecture.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from automl_core.errors import ModelError
from automl_core.metrics import score
from automl_core.models import catalog, network
from automl_core.models.base import FitControl, FitData, FitResult, ModelSpec, StackedFit
from automl_core.models.stack_probe import stack_of, step_seconds
from automl_core.types import Config
from tests.benchmarks import figures
from tests.gpu.encoded_tables import encoded

SEEDS = 5  # of one configuration, for the spread
PRODUCT = {"cpu": 512, "cuda": 4096, "mps": 2048}  # side of the bare product


@dataclass(frozen=True)
class Sizes:
    """How much is done."""

    members: int
    rounds: int  # of the steps that are timed
    epochs: int  # of a training; 0: as many as a run would do
    rows: int  # of a table, at most


TINY = Sizes(members=3, rounds=2, epochs=2, rows=200)


@dataclass(frozen=True)
class SpeedLine:
    """One network's speed on a table."""

    name: str
    table: str
    batch: int
    members: int
    alone: float  # rows a second
    together: float
    gain: float  # times as many
    share_alone: float  # of the device's rate of products in float32
    share_together: float


@dataclass(frozen=True)
class ScoreLine:
    """The scores of some configurations, trained in two ways."""

    name: str
    table: str
    metric: str
    members: int
    mean_alone: float
    mean_together: float
    mean_difference: float  # of a member's two scores, without sign
    largest_difference: float
    spread: float  # standard deviation of one configuration's score over seeds
    seconds_alone: float  # of all fits
    seconds_together: float


def product_rate(device: torch.device, kind: torch.dtype = torch.float32) -> float:
    """Multiplications and additions a second of a bare product, in 10^12."""
    side = PRODUCT[device.type]
    left, right = (torch.randn(side, side, device=device).to(kind) for _ in range(2))
    times = [step_seconds(lambda: left @ right, device) for _ in range(12)]
    return 2 * side**3 / median(times[2:]) / 1e12


def control(seed: int, device: torch.device) -> FitControl:
    """A fit that nothing interrupts."""
    return FitControl(lambda _: None, lambda: None, lambda: 0.0, seed, str(device))


def speed(
    model_spec: ModelSpec, name: str, data: FitData, device: torch.device, sizes: Sizes
) -> SpeedLine:
    """Steps alone and together in turn, so that what else the machine does slows both."""
    config, around = model_spec.defaults, control(0, device)
    one = network.prepare(model_spec, data, config, around)[0]
    one.net.train()
    with FlopCounterMode(display=False) as counter:
        one.step()
    products = counter.get_total_flops()
    all_of_them = stack_of(model_spec, data, config, around, sizes.members)
    alone, together = [], []
    with all_of_them.in_training():
        all_of_them.step()
        for _ in range(sizes.rounds):
            alone.append(step_seconds(one.step, device))
            together.append(step_seconds(all_of_them.step, device))
    rate, batch = 1e12 * product_rate(device), one.settings.batch
    own, shared = median(alone), median(together) / sizes.members  # seconds of a network's step
    return SpeedLine(
        model_spec.name, name, batch, sizes.members, batch / own, batch / shared, own / shared,
        products / own / rate, products / shared / rate,
    )  # fmt: skip


def configurations(model_spec: ModelSpec, sizes: Sizes) -> list[Config]:
    """So many of one architecture: rates, decay, dropout and smoothing differ."""
    rng, found = np.random.default_rng(0), []
    for _ in range(sizes.members):
        config = dict(model_spec.defaults)
        config["learning_rate"] = float(config["learning_rate"]) * float(rng.uniform(0.5, 1.5))
        config["weight_decay"] = float(config["weight_decay"]) * float(rng.uniform(0.2, 3.0))
        if "dropout" in config:
            config["dropout"] = float(rng.choice([0.1, 0.2, 0.3]))
        if sizes.epochs:
            config["epochs"] = sizes.epochs
        found.append(config)
    return found


def one_by_one(
    model_spec: ModelSpec, data: FitData, fits: list[tuple[Config, int]], device: torch.device
) -> list[float]:
    """The validation scores of fits, a configuration and a seed each, made one after the other."""
    results = [catalog.fit(model_spec, data, c, control(seed, device)) for c, seed in fits]
    return [_score(data, result) for result in results]


def as_one(
    model_spec: ModelSpec, data: FitData, fits: list[tuple[Config, int]], device: torch.device
) -> list[float]:
    """The same of fits that are made as one."""
    found: dict[int, FitResult | ModelError] = {}
    stacked = [StackedFit(data, config, control(seed, device)) for config, seed in fits]
    if not catalog.fit_stacked(model_spec, stacked, len(fits), found.__setitem__):
        raise SystemExit(f"{model_spec.name} cannot be stacked here.")
    results = [found[number] for number in range(len(fits))]
    return [_score(data, r) if isinstance(r, FitResult) else float("nan") for r in results]


def _score(data: FitData, result: FitResult) -> float:
    return score(data.metric, data.y_valid, result.model.predict(data.x_valid), None)


def scores(
    model_spec: ModelSpec, name: str, data: FitData, device: torch.device, sizes: Sizes
) -> ScoreLine:
    """The same configurations and seeds in both ways."""
    configs = configurations(model_spec, sizes)
    fits = [(config, seed) for seed, config in enumerate(configs)]
    alone, seconds_alone = _timed(lambda: one_by_one(model_spec, data, fits, device))
    together, seconds_together = _timed(lambda: as_one(model_spec, data, fits, device))
    seeds = [(configs[0], 100 + seed) for seed in range(SEEDS)]
    spread = float(np.std(one_by_one(model_spec, data, seeds, device), ddof=1))
    return _line(
        (model_spec.name, name, data.metric), (alone, together), spread,
        (seconds_alone, seconds_together),
    )  # fmt: skip


def precisions(
    model_spec: ModelSpec, name: str, data: FitData, device: torch.device, sizes: Sizes
) -> ScoreLine:
    """Scores of the same fits as one: `alone` in float32, `together` in the device's own way."""
    configs = configurations(model_spec, sizes)
    fits = [(config, seed) for seed, config in enumerate(configs)]
    with float32():
        exact, seconds_exact = _timed(lambda: as_one(model_spec, data, fits, device))
    short, seconds_short = _timed(lambda: as_one(model_spec, data, fits, device))
    seeds = [(configs[0], 100 + seed) for seed in range(SEEDS)]
    spread = float(np.std(as_one(model_spec, data, seeds, device), ddof=1))
    return _line(
        (model_spec.name, name, data.metric), (exact, short), spread, (seconds_exact, seconds_short)
    )


def parity(model_spec: ModelSpec, data: FitData, device: torch.device) -> float:
    """The largest difference of a prediction between a member and the same alone, in float32.

    Without dropout, whose random numbers differ; of a regression a share of the range.
    """
    config = dict(model_spec.defaults) | {"epochs": 2}
    if "dropout" in config:
        config["dropout"] = 0.0
    rate = float(config["learning_rate"])
    fits = [(config | {"learning_rate": rate / (1 + n)}, n) for n in range(3)]
    worst = 0.0
    found: dict[int, Any] = {}
    with float32():
        stacked = [StackedFit(data, c, control(seed, device)) for c, seed in fits]
        catalog.fit_stacked(model_spec, stacked, len(fits), found.__setitem__)
        for number, (own, seed) in enumerate(fits):
            alone = catalog.fit(model_spec, data, own, control(seed, device))
            expected = alone.model.predict(data.x_valid)
            error = np.abs(found[number].model.predict(data.x_valid) - expected).max()
            scale = float(np.ptp(expected)) if data.task == "regression" else 1.0
            worst = max(worst, float(error) / max(scale, 1e-9))
    return worst


@contextmanager
def float32() -> Iterator[None]:
    """Products in float32 while inside, whatever the device would do."""
    with ExitStack() as stack:
        for place in ("precision.short_type", "batched.short_type"):
            stack.enter_context(patch(f"automl_core.training.{place}", lambda _: None))
        models = "automl_core.models"
        stack.enter_context(patch(f"{models}.network.worth_rounding", lambda *_: False))
        stack.enter_context(patch(f"{models}.nets.tabm.working_type", lambda _: torch.float32))
        yield


def _timed(work: Callable[[], list[float]]) -> tuple[list[float], float]:
    began = time.perf_counter()
    return work(), time.perf_counter() - began


def _line(
    names: tuple[str, str, str],
    found: tuple[list[float], list[float]],
    spread: float,
    seconds: tuple[float, float],
) -> ScoreLine:
    first, second = map(np.array, found)
    apart = np.abs(first - second)
    return ScoreLine(
        *names, len(first), float(first.mean()), float(second.mean()),
        float(apart.mean()), float(apart.max()), spread, *seconds,
    )  # fmt: skip


def speed_text(line: SpeedLine) -> str:
    """One row of the table of speeds."""
    return (
        f"{line.name:15}{line.table:16}{line.batch:6}{line.members:5}{line.alone:12,.0f}"
        f"{line.together:12,.0f}{line.gain:7.2f}{line.share_alone:8.1%}{line.share_together:8.1%}"
    )


def score_text(line: ScoreLine) -> str:
    """One row of the table of scores."""
    return (
        f"{line.name:15}{line.table:16}{line.metric:>9}{line.members:5}{line.mean_alone:10.5g}"
        f"{line.mean_together:10.5g}{line.mean_difference:9.2g}{line.largest_difference:9.2g}"
        f"{line.spread:9.2g}{line.seconds_alone:8.1f}{line.seconds_together:8.1f}"
    )


SPEED_HEAD = (
    f"{'network':15}{'table':16}{'batch':>6}{'n':>5}{'rows/s one':>12}{'rows/s all':>12}"
    f"{'gain':>7}{'share 1':>8}{'share n':>8}"
)
SCORE_HEAD = (
    f"{'network':15}{'table':16}{'metric':>9}{'n':>5}{'mean one':>10}{'mean all':>10}"
    f"{'differ':>9}{'most':>9}{'seeds':>9}{'s one':>8}{'s all':>8}"
)


def main() -> int:
    """Measures speed and scores; the exit code is the number of tables whose scores differ more,
    in the mean, than those of seeds."""
    parser = figures.arguments("Networks trained as one, against one by one.")
    parser.add_argument("--names", default="breast_cancer,diabetes,digits")
    parser.add_argument("--networks", default="mlp,realmlp")
    parser.add_argument("--members", type=int, default=16)
    parser.add_argument("--epochs", type=int, default=0, help="of a training; 0: as in a run")
    parser.add_argument("--rows", type=int, default=4_000, help="of a table, at most")
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    torch.set_num_threads(1)
    device = torch.device(options.device)
    sizes = Sizes(options.members, 10, options.epochs, options.rows)
    speeds, found = [], []
    for name in options.names.split(","):
        for network_name in options.networks.split(","):
            model_spec = catalog.model_spec(network_name)
            data = encoded(name, model_spec, options.root, options.rows)
            speeds.append(speed(model_spec, name, data, device, sizes))
            print(SPEED_HEAD, speed_text(speeds[-1]), sep="\n", flush=True)
            found.append(scores(model_spec, name, data, device, sizes))
            print(SCORE_HEAD, score_text(found[-1]), sep="\n", flush=True)
    figures.write_json(
        options.json, {"speed": list(map(asdict, speeds)), "scores": list(map(asdict, found))}
    )
    return sum(line.mean_difference > line.spread for line in found)


if __name__ == "__main__":
    sys.exit(main())
