"""Rows that repeat another row, exactly or but for a cell or two.

In training and validation alike they make scores too good. Counts only what chance does not
explain: where few answers are possible, rows agree on their own.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from automl_core.table.checks.evidence import few_rows
from automl_core.table.findings import Finding
from automl_core.table.remedies import Remedy
from automl_core.table.rowcodes import Codes, cell_codes, row_keys
from automl_core.table.schema import Schema

MAX_ROWS = 300_000  # for exact copies
NEAR_ROWS = 40_000  # for near copies
LEAST_SHARE = 0.005  # of the rows
BEYOND_CHANCE = 5.0  # times the pairs that columns without any tie would give
NEAR_COLUMNS = 120
_HALVES = 18  # random halves of the columns: two cells that differ are in the other one once in 4
_MOST_PAIRS = 4_000  # of each half
_DIFFERENT = 2  # cells
_BY_CHANCE = 1e-3  # pairs that agree in just these cells, expected where columns have no tie
_SPIKE = 3.0  # times as many pairs with so few differences as with a few more
_STRUCTURE = 0.5  # share of the rows from which it is how the table is made


def row_copies(table: pa.Table, schema: Schema, target: str | None) -> list[Finding]:
    """Findings on exact and near copies of rows."""
    every = max(1, -(-table.num_rows // MAX_ROWS))
    rows = np.arange(0, table.num_rows, every, dtype=np.int64)
    table = table if every == 1 else table.take(pa.array(rows))
    usable = [c.name for c in schema.columns if c.role not in ("ignored", "id")]
    texts = {c.name for c in schema.columns if c.role == "text"}
    if len(usable) < 3 and not texts & {*usable}:
        return []
    places = {name: i for i, name in enumerate(table.column_names)}
    codes = {name: cell_codes(table.column(places[name])) for name in usable}
    alike = {n: 0.0 if n in texts else _alike(c) for n, c in codes.items()}
    keys = row_keys(codes.values(), table.num_rows)
    findings = _exact(keys, rows, sum(map(_log, alike.values())))
    features = [n for n in usable if n != target][:NEAR_COLUMNS]
    if len(features) >= 4:
        first = np.unique(keys, return_index=True)[1]
        some = np.sort(first)[:: max(1, -(-len(first) // NEAR_ROWS))]
        matrix = np.column_stack([codes[n][some] for n in features])
        chance = np.array([_log(alike[n]) for n in features])
        findings += _near(matrix, chance, rows[some])
    return findings


def _exact(keys: NDArray[np.uint64], rows: NDArray[np.int64], chance: float) -> list[Finding]:
    counts = np.unique(keys, return_counts=True)[1]
    repeated, n = int((counts - 1).sum()), len(keys)
    pairs = float((counts * (counts - 1.0) / 2).sum())
    if repeated <= max(1, LEAST_SHARE * n):
        return []
    if np.log(pairs) < np.log(BEYOND_CHANCE) + np.log(n * (n - 1) / 2) + chance:
        return []
    order = np.argsort(keys, kind="stable")
    again = order[1:][keys[order][1:] == keys[order][:-1]]
    message = (
        f"{repeated / n:.1%} of the rows repeat another row exactly: copies in training and "
        "validation make scores too good."
    )
    fix = "Keep copies on one side of every split, or remove them if they are accidental."
    remedy = Remedy("setting", "Keep copies together", (), ("copies", "together"))
    shown = few_rows(np.sort(rows[again]))
    return [Finding("duplicate", (), "info", message, fix, "needs_you", remedy, shown)]


def _near(matrix: Codes, chance: NDArray[np.float64], rows: NDArray[np.int64]) -> list[Finding]:
    """`matrix` (n, d) has no two equal rows; `chance` (d,) is log P(two cells are equal)."""
    n, d = matrix.shape
    if n < 50:
        return []
    rng, possible = np.random.default_rng(0), np.log(n * (n - 1) / 2)
    pairs: dict[int, int] = {}  # two rows as one number -> cells that differ
    for _ in range(_HALVES):
        half = rng.permutation(d)[: -(-d // 2)]
        if chance[half].sum() + possible > np.log(0.1 * n):
            continue  # too many would agree by chance
        left, right = _equal_pairs(row_keys([matrix[:, j] for j in half], n))
        equal = matrix[left] == matrix[right]
        rare = equal @ chance + possible < np.log(_BY_CHANCE)
        key = np.minimum(left, right) * n + np.maximum(left, right)
        pairs |= dict(zip(key[rare].tolist(), (~equal[rare]).sum(axis=1).tolist(), strict=True))
    differ = np.array(list(pairs.values()), np.int64)
    close = np.array(list(pairs), np.int64)[differ <= _DIFFERENT]
    # Columns that hang together make pairs that agree in many cells; then there are more that
    # agree in fewer. Only copies have a cell or two that differ, or nearly all.
    if len(close) < _SPIKE * ((differ > _DIFFERENT) & (differ <= _DIFFERENT + 3)).sum():
        return []
    involved = np.zeros(n, np.bool_)
    involved[close // n] = involved[close % n] = True
    share = involved.mean()
    if not max(LEAST_SHARE, 4 / n) <= share <= _STRUCTURE:
        return []
    message = (
        f"{share:.1%} of the rows are like another row in all but one or two cells, beyond "
        "chance: they may be one case, entered twice."
    )
    fix = "Remove them if they are, or name the column that says which rows belong together."
    shown = few_rows(rows[involved])
    return [Finding("near_copies", (), "info", message, fix, "needs_you", None, shown)]


def _equal_pairs(keys: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    order = np.argsort(keys, kind="stable")
    same = np.flatnonzero(keys[order][1:] == keys[order][:-1])[:_MOST_PAIRS]
    return order[same], order[same + 1]


def _alike(codes: Codes) -> float:
    """The probability that two rows have the same cell."""
    counts = np.bincount(codes + 1).astype(np.float64)
    n = counts.sum()
    return float((counts * (counts - 1)).sum() / max(1.0, n * (n - 1)))


def _log(share: float) -> float:
    return float(np.log(max(share, 1e-9)))
