"""The worth of networks beside trees: each table with networks alone and with trees alone.

    python -m tests.benchmarks.families --budget 120 --cores 2 [--names adult,letter] [--json FILE]

Two runs a table, the same budget; the scores are those of quality.py. The exit code is the number
of runs that ended without a score.
"""

from __future__ import annotations

import sys
from dataclasses import asdict

import numpy as np

from automl_core.models.catalog import CATALOG
from tests.benchmarks import figures, quality
from tests.benchmarks.quality import Job, Line

KINDS = ("network", "trees")


def measure(job: tuple[str, Job]) -> tuple[str, Line]:
    """The figures of one run, beside its kind of families."""
    kind, table = job
    return kind, quality.measure(table)


def text(name: str, of_kind: dict[str, Line]) -> str:
    """One table's line: both scores, and how much larger the trees' loss is, in per cent."""
    lines = [of_kind[kind] for kind in KINDS]
    networks, trees = (line.model.score for line in lines)
    metric = lines[0].metric
    lead = _loss(metric, trees) / max(_loss(metric, networks), 1e-9) - 1
    winner = "networks" if figures.better(metric, networks, trees) else "trees"
    winner = winner if np.isfinite(lead) else "-"  # one of the two failed
    parts = [", ".join(f"{family} {w:.2f}" for family, w in x.ensemble) for x in lines]
    return (
        f"{name:19}{metric:>9}{figures.number(networks):>10}{figures.number(trees):>10}"
        f"{figures.number(100 * lead, '+.1f'):>8}  {winner:9} "
        + " | ".join(x.problem or part for x, part in zip(lines, parts, strict=True))
    )


def _loss(metric: str, score: float) -> float:
    return 1 - score if metric == "roc_auc" else score


def main() -> int:
    """Measures the tables asked for; a line is printed as soon as both of its runs are done."""
    options = quality.parser(
        "Networks alone against trees alone, with the same budget."
    ).parse_args()
    flags, names = quality.flags_of(options), figures.names_of(options)
    families = {k: ",".join(c.name for c in CATALOG if c.kind == k) for k in KINDS}
    jobs = [
        (
            kind,
            Job(n, options.root, options.budget, (*flags, "--families", families[kind]), False),
        )
        for n in names
        for kind in KINDS
    ]
    found: dict[str, dict[str, Line]] = {name: {} for name in names}
    print(
        f"{'table':19}{'metric':>9}{'networks':>10}{'trees':>10}{'lead %':>8}  {'better':9} of what"
    )
    for kind, line in figures.in_parallel(measure, jobs, options):
        found[line.name][kind] = line
        if len(found[line.name]) == len(KINDS):
            print(text(line.name, found[line.name]), flush=True)
        plain = {n: {k: asdict(x) for k, x in of.items()} for n, of in found.items() if of}
        figures.write_json(options.json, plain)
    done = [of for of in found.values() if len(of) == len(KINDS)]
    print(f"networks are better on {sum(map(_networks_win, done))} of {len(done)} tables")
    return sum(not np.isfinite(x.model.score) for of in found.values() for x in of.values())


def _networks_win(of_kind: dict[str, Line]) -> bool:
    networks, trees = (of_kind[kind] for kind in KINDS)
    return figures.better(networks.metric, networks.model.score, trees.model.score)


if __name__ == "__main__":
    sys.exit(main())
