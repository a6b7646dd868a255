"""All checks and figures of a machine with a GPU, in one command of less than ten minutes.

    python -m tests.gpu [--device auto] [--members 16] [--tiny] [--json FILE]

First the tests of this folder; then, for each network, what training several as one gains, the
share of the device's rate of products, and how busy the device was; whether a member becomes what
it becomes alone; and the scores in 16 bits beside those in 32. Without a GPU the same is done
with tiny sizes on the processor, and the output says so: those are no figures of a GPU. The exit
code is the number of checks that failed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from statistics import fmean

import torch

from automl_core.models import catalog
from automl_core.training import describe_device, pick_device
from tests.benchmarks import figures
from tests.gpu import stacked_figures as stacked
from tests.gpu.encoded_tables import OWN, encoded

NETWORKS = ("mlp", "realmlp", "resnet", "tabm", "ft_transformer")
SCORED = ("mlp", "realmlp")
SECONDS = 540.0  # after which nothing more is begun
WORST = 2e-3  # of a prediction, between a member and the same alone, in float32


class Utilisation:
    """How busy the GPU is, as nvidia-smi says twice a second; nothing where there is none."""

    def __init__(self) -> None:
        self._seen: list[float] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="utilisation")

    def __enter__(self) -> Utilisation:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        query = ["nvidia-smi", "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits"]
        while not self._ended.wait(0.5):
            try:
                said = subprocess.run(query, capture_output=True, text=True, check=True, timeout=5)
                self._seen.append(float(said.stdout.splitlines()[0]))
            except (OSError, subprocess.SubprocessError, ValueError, IndexError):
                return

    @property
    def words(self) -> str:
        """ "63 %", or that it is not known."""
        return f"{fmean(self._seen):.0f} %" if self._seen else "not known"


def run_tests() -> bool:
    """The tests of this folder; True where they passed."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "tests/gpu/test_gpu.py"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=figures.ROOT)
    print("\n".join(done.stdout.splitlines()[-5:]))
    return done.returncode == 0


def main(arguments: list[str] | None = None) -> int:
    """Checks, then figures; a line is printed as soon as it is known."""
    parser = argparse.ArgumentParser(description="All checks and figures of a GPU.")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--members", type=int, default=16)
    parser.add_argument("--networks", default=",".join(NETWORKS))
    parser.add_argument("--tables", default=",".join(OWN))
    parser.add_argument("--tiny", action="store_true", help="sizes for a test of this command")
    parser.add_argument("--no-tests", action="store_true", help="only the figures")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args(arguments)
    networks, tables = options.networks.split(","), options.tables.split(",")
    began, device = time.monotonic(), torch.device(pick_device(options.device))
    has_gpu = device.type != "cpu"
    sizes = stacked.Sizes(options.members, 10, 0, 4_000)
    if options.tiny or not has_gpu:
        sizes = stacked.TINY
    print(describe_device(str(device)), f"torch {torch.__version__}")
    if not has_gpu:
        print("No GPU is at hand: tiny sizes on the processor, which say nothing of a GPU.")
        torch.set_num_threads(1)
    failed = 0 if options.no_tests else int(not run_tests())
    kinds = {"float32": torch.float32, "bfloat16": torch.bfloat16}
    for name, kind in kinds.items():
        print(f"bare product in {name}: {stacked.product_rate(device, kind):.2f} TFLOP/s")
    found: dict[str, list[object]] = {"speed": [], "scores": [], "precision": []}

    def is_late() -> bool:
        return time.monotonic() - began > SECONDS

    print("\nSpeed, one network against all as one", stacked.SPEED_HEAD, sep="\n")
    with Utilisation() as busy:
        for name in networks:
            if is_late():
                break
            model_spec = catalog.model_spec(name)
            data = encoded(tables[0], model_spec, None, sizes.rows)
            line = stacked.speed(model_spec, tables[0], data, device, sizes)
            found["speed"].append(asdict(line))
            print(stacked.speed_text(line), flush=True)
    print(f"The GPU was busy, both ways in turn: {busy.words}")
    print("\nLargest difference of a member's prediction from the same alone, in float32")
    for name in networks:
        if is_late():
            break
        model_spec = catalog.model_spec(name)
        worst = stacked.parity(model_spec, encoded(tables[0], model_spec, None, sizes.rows), device)
        failed += worst > WORST
        print(f"{name:15}{worst:10.1e}", flush=True)
    titles = {"scores": "one by one against as one", "precision": "float32 against 16 bits"}
    for key, measure in (("scores", stacked.scores), ("precision", stacked.precisions)):
        print(f"\nScores, {titles[key]}", stacked.SCORE_HEAD, sep="\n")
        with Utilisation() as busy:
            for table in tables:
                for name in (n for n in networks if n in SCORED):
                    if is_late():
                        break
                    model_spec = catalog.model_spec(name)
                    data = encoded(table, model_spec, None, sizes.rows)
                    scored = measure(model_spec, table, data, device, sizes)
                    found[key].append(asdict(scored))
                    print(stacked.score_text(scored), flush=True)
        print(f"The GPU was busy: {busy.words}")
    figures.write_json(options.json, found)
    late = ", not all of it: time was up" if is_late() else ""
    print(f"\n{time.monotonic() - began:.0f} s{late}; checks that failed: {failed}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
