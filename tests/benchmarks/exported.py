"""Models of trained tables, for benchmarks that write them for other programs and compare.

Each table is trained once, by the command line.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

from automl_core.export import Predictor, load_predictor
from automl_core.onnx_export import Certificate
from automl_core.runs import delivered_files, find_run
from automl_core.runs.record import RunReader
from automl_core.table import TypedTable
from automl_core.table.reading import read_file
from tests.benchmarks import case, figures

WHICH = "all", "families", "ensemble"
"""Models of a run: each, one of each family and the ensemble, or the ensemble alone."""


@dataclass(frozen=True)
class Job:
    """A trained table."""

    name: str
    run: Path
    unseen: Path
    workspace: Path
    rows: int  # of the test rows that are compared
    which: str  # one of WHICH


@dataclass(frozen=True)
class Speed:
    """How fast a file is, and how it compares with its model: above 1 it is faster."""

    single_ms: float
    single_ratio: float
    rows_per_second: float
    batch_ratio: float
    words_ratio: float  # where the model gets words that are not numbered, as the file does

    @property
    def words(self) -> str:
        """In a few figures."""
        return (
            f", row {self.single_ms:7.2f} ms ({self.single_ratio:5.1f} x), "
            f"{self.rows_per_second:9,.0f} rows/s ({self.batch_ratio:5.2f} x, "
            f"from words {self.words_ratio:5.2f} x)"
        )


@dataclass(frozen=True)
class Line:
    """One model in one program; `problem` says why there are no figures."""

    table: str
    model: str
    family: str
    program: str
    problem: str = ""
    greatest: float = 0.0
    rows: int = 0  # that were compared, and hostile ones beside them
    hostile_rows: int = 0
    ties: int = 0
    megabytes: float = 0.0
    seconds: float = 0.0  # that it took to write, or to compare
    speed: Speed | None = None

    @property
    def words(self) -> str:
        """The line as it is printed."""
        start = f"{self.table:20} {self.model:20} {self.program:20}"
        if self.problem:
            return f"{start} {self.problem}"
        return (
            f"{start} diff {self.greatest:.1e} of {self.rows:,} + {self.hostile_rows} rows, "
            f"{self.ties} ties, {self.megabytes:6.1f} MB, {self.seconds:5.1f} s"
            f"{self.speed.words if self.speed else ''}"
        )

    def compared(self, found: Certificate, size: int, seconds: float) -> Line:
        """The line with what a comparison of a file of so many bytes has found."""
        return replace(
            self, greatest=found.greatest, rows=found.rows, hostile_rows=found.hostile_rows,
            ties=found.ties, megabytes=size / 1e6, seconds=seconds,
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Exported:
    """A model as it leaves the run, and the test rows."""

    family: str
    predictor: Predictor
    typed: TypedTable


def arguments(description: str, budget: float) -> argparse.ArgumentParser:
    """The options of such a benchmark."""
    parser = figures.arguments(description, budget=budget)
    parser.add_argument("--names", default="", help="tables, separated by commas; default: all")
    parser.add_argument("--keep", type=Path, help="train into this folder, or use what is there")
    parser.add_argument("--rows", type=int, default=20_000, help="test rows to compare, at most")
    parser.add_argument("--families", help="train these alone, separated by commas")
    words = "each model, one of each family and the ensemble, or that alone"
    parser.add_argument("--of", choices=WHICH, default="all", help=words)
    return figures.pinned(parser, cores=1)


def run_and_print(
    parser: argparse.ArgumentParser,
    tables: Callable[[argparse.Namespace], Callable[[Job], Iterator[Line]]],
) -> list[Line]:
    """Print each line as it is found, then a summary for each program; the lines of all tables.

    `tables` makes of the options what finds the lines of a trained table.
    """
    options = parser.parse_args()
    find = partial(_printed, tables(options))
    with tempfile.TemporaryDirectory() as folder:
        at = options.keep or Path(folder)
        jobs = [_trained(name, at / name, options) for name in figures.names_of(options)]
        lines = [line for part in figures.in_parallel(find, jobs, options) for line in part]
    if options.json:
        options.json.write_text(json.dumps([asdict(line) for line in lines], indent=1))
    for program in dict.fromkeys(line.program for line in lines):
        print(summary(program, [line for line in lines if line.program == program]))
    return lines


def summary(program: str, lines: Sequence[Line]) -> str:
    """What a program did, in one line."""
    good = [line for line in lines if not line.problem]
    greatest = max((line.greatest for line in good), default=float("nan"))
    return (
        f"{program}: {len(lines)} files, {len(lines) - len(good)} refused or different; of the "
        f"others {greatest:.1e} at most, {sum(line.ties for line in good)} ties"
    )


def _printed(find: Callable[[Job], Iterator[Line]], job: Job) -> list[Line]:
    lines = []
    for line in find(job):
        lines.append(line)
        print(line.words, flush=True)
    return lines


def models(job: Job) -> Iterator[Exported]:
    """The models of a run, its ensemble among them."""
    folder = find_run(str(job.run), job.workspace)
    table = read_file(job.unseen, job.unseen.name)[0].slice(0, job.rows)
    seen: set[str] = set()
    for trial in RunReader(folder).refresh().models.values():
        repeated = job.which == "families" and trial.family in seen
        if repeated or (job.which == "ensemble" and trial.family != "ensemble"):
            continue
        seen.add(trial.family)
        predictor = load_predictor(delivered_files(folder, trial.number))
        yield Exported(trial.family, predictor, predictor.typed(table))


def _trained(name: str, at: Path, options: argparse.Namespace) -> Job:
    run, workspace = at / "run", at / "workspace"
    table = case.load(name, options.root)
    if not (run / "events.jsonl").is_file():
        at.mkdir(parents=True, exist_ok=True)
        families = ["--families", options.families] if options.families else []
        case.train(table, at, ["--budget", f"{options.budget:g}s", *families])
    unseen = at / f"test{table.suffix}"
    return Job(name, run, unseen, workspace, options.rows, options.of)
