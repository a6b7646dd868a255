"""Are planted problems found, and honest tables left in peace?

    python -m tests.benchmarks.planted [--tables 40] [--clean 20] [--kinds "id;leak, sum"]
        [--json FILE]

38 kinds of problems, each planted in `--tables` made-up tables, and for each kind `--clean` honest
ones that only look like it. Found: a finding of that kind names the planted column. A false
alarm: a finding of that kind on a clean table.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from automl_core.table.checks.run import find_problems
from automl_core.table.findings import Finding
from automl_core.table.inference.schema_inference import infer_schema
from tests.benchmarks import plants, plants_loss, plants_rows, plants_values
from tests.benchmarks.honest import Honest, Rng, honest

CLASSES = ("binary", "multiclass")
Planter = Callable[[Rng, Honest], tuple[str, ...]]


@dataclass(frozen=True)
class Plant:
    """A kind of problem: what plants it, what only looks like it, in which tables."""

    name: str
    kind: str  # of the finding
    planter: Planter
    lookalike: Planter
    tasks: tuple[str, ...] = ()
    rows: tuple[int, int] = (200, 5_000)


@dataclass(frozen=True)
class Outcome:
    """How often a kind was found, and how often it was seen where it is not."""

    name: str
    planted: int
    found: int
    clean: int
    alarms: int
    others: int  # findings of other kinds that ask for a decision, on the clean tables
    slowest: float  # seconds


PLANTS = (
    Plant("empty", "all_missing", plants.empty, plants.nearly_empty),
    Plant("constant", "constant", plants.constant, plants.rare_flag),
    Plant("near constant", "near_constant", plants.near_constant, plants.rare_flag),
    Plant("mostly missing", "missing", plants.missing, plants.some_missing),
    Plant("missing together", "missing_together", plants.missing_together, plants.missing_apart),
    Plant("same columns", "duplicate", plants.twin, plants.cousin),
    Plant("row copies", "duplicate", plants_rows.copies, plants_rows.coarse, (), (200, 40_000)),
    Plant("near copies", "near_copies", plants_rows.near_copies, plants_rows.nothing),
    Plant("id", "id", plants.key, plants.measurement),
    Plant("many values", "high_cardinality", plants.many_words, plants.several_words,
          (), (400, 5_000)),
    Plant("rare class", "rare_class", plants_rows.rare_class, plants_rows.nothing, CLASSES),
    Plant("imbalance", "imbalance", plants_rows.imbalance, plants_rows.uneven,
          ("binary",), (500, 5_000)),
    Plant("outliers", "outliers", plants_values.outliers, plants_values.heavy_tail),
    Plant("impossible", "impossible", plants_values.impossible, plants_values.signed),
    Plant("skewed target", "skewed_target", plants_rows.skewed_target, plants_rows.bent_target,
          ("regression",)),
    Plant("mixed types", "mixed_types", plants.mixed, plants.codes),
    Plant("leak, alone", "leak", plants_rows.leak_alone, plants_rows.strong),
    Plant("leak, after", "leak", plants_rows.leak_after, plants_rows.gaps_that_tell, CLASSES),
    Plant("leak, sum", "leak", plants_rows.leak_sum, plants_rows.close_sum, ("regression",)),
    Plant("time order", "time_order", plants_rows.time_order, plants_rows.dated),
    Plant("groups", "groups", plants_rows.groups, plants_rows.places, (), (300, 60_000)),
    Plant("too few rows", "too_few", plants_rows.too_few, plants_rows.nothing),
    Plant("encoding", "mojibake", plants.mojibake, plants.accents),
    Plant("disguised gaps", "disguised_missing", plants_values.disguised,
          plants_values.round_numbers),
    Plant("units", "unit", plants.units, plants.codes),
    Plant("spellings", "spellings", plants_loss.spellings, plants_loss.cased_codes),
    Plant("odd value", "disguised_missing", plants_loss.odd_value, plants_loss.caps),
    Plant("partial leak", "leak", plants_loss.partial, plants_loss.good_column, CLASSES,
          (700, 5_000)),
    Plant("unread dates", "unread_dates", plants_loss.unread_dates, plants_loss.dotted),
    Plant("unread numbers", "unread_numbers", plants_loss.unread_numbers, plants_loss.unit_codes),
    Plant("flags", "flags", plants_loss.flags, plants_loss.unit_codes),
    Plant("units row", "units_row", plants_loss.units_row, plants_loss.first_row),
    Plant("long ids", "long_numbers", plants_loss.long_ids, plants_loss.large_numbers),
    Plant("footer", "footer", plants_loss.footer, plants_loss.last_case),
    Plant("repeated header", "repeated_header", plants_loss.header_again,
          plants_loss.named_words),
    Plant("mixed percent", "mixed_percent", plants_loss.percent, plants_loss.one_scale),
    Plant("future births", "future_dates", plants_loss.future_births, plants_loss.due_dates),
    Plant("target words", "target_missing", plants_loss.target_words, plants_loss.target_levels,
          CLASSES),
)  # fmt: skip


def try_plant(plant: Plant, tables: int, clean: int) -> Outcome:
    """Plant it in so many tables, and look at so many clean ones."""
    found = alarms = others = 0
    slowest = 0.0
    for number in range(tables):
        started = time.monotonic()
        names, findings = planted_findings(plant, number)
        slowest = max(slowest, time.monotonic() - started)
        found += is_found(plant, names, findings)
    for number in range(clean):
        findings = clean_findings(plant, number)
        kinds = Counter(f.kind for f in findings if f.state == "to_review" or f.kind == plant.kind)
        alarms += kinds[plant.kind] > 0
        others += sum(kinds.values()) - kinds[plant.kind]
    return Outcome(plant.name, tables, found, clean, alarms, others, round(slowest, 2))


def planted_findings(plant: Plant, number: int) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    """The planted columns and what was found, in table `number`."""
    rng = _rng(plant, number, 0)
    made = honest(rng, plant.rows, plant.tasks)
    names = plant.planter(rng, made)
    return names, _look(made)


def clean_findings(plant: Plant, number: int) -> tuple[Finding, ...]:
    """What was found in the clean table `number`."""
    rng = _rng(plant, number, 1)
    made = honest(rng, plant.rows, plant.tasks)
    plant.lookalike(rng, made)
    return _look(made)


def is_found(plant: Plant, names: tuple[str, ...], findings: tuple[Finding, ...]) -> bool:
    """Whether a finding of the kind names one of the columns (none, where rows were planted)."""
    found = [f for f in findings if f.kind == plant.kind]
    if not names and plant.kind == "duplicate":
        return any(not f.columns for f in found)
    return any(not names or {*names} & {*f.columns} for f in found)


def _look(made: Honest) -> tuple[Finding, ...]:
    table = made.table()
    return find_problems(table, infer_schema(table), made.target)


def _rng(plant: Plant, number: int, clean: int) -> Rng:
    place = [p.name for p in PLANTS].index(plant.name)
    return np.random.default_rng([place, number, clean])


def main() -> int:
    """Print the table; 1 where too little is found or too much is accused."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=40)
    parser.add_argument("--clean", type=int, default=20)
    parser.add_argument(
        "--kinds", default="", help="names, separated by semicolons; all where none"
    )
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    wanted = {k.strip() for k in arguments.kinds.split(";") if k.strip()}
    outcomes = []
    print(f"{'kind':<18}{'found':>9}{'alarms':>9}{'others':>8}{'slowest':>9}")
    for plant in PLANTS:
        if wanted and plant.name not in wanted:
            continue
        o = try_plant(plant, arguments.tables, arguments.clean)
        outcomes.append(o)
        print(
            f"{o.name:<18}{o.found:>5}/{o.planted:<3}{o.alarms:>5}/{o.clean:<3}"
            f"{o.others:>8}{o.slowest:>8.2f}s",
            flush=True,
        )
    recall = sum(o.found for o in outcomes) / max(1, sum(o.planted for o in outcomes))
    false = sum(o.alarms for o in outcomes) / max(1, sum(o.clean for o in outcomes))
    print(f"\nfound {recall:.1%}, false alarms {false:.1%}")
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(o) for o in outcomes], indent=1))
    return int(recall < 0.95 or false > 0.03)


if __name__ == "__main__":
    sys.exit(main())
