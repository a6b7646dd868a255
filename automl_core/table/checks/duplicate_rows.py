"""Rows that repeat another row, exactly or but for a cell or two.

In training and validation alike they make scores too good. Counts only what chance does not
explain: where few answers are possible, rows agree on their own. Exact copies are counted in all
rows, or in whole sets of copies, and near ones in runs of rows: of rows evenly spaced, those that
stand beside their copy would never have it with them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from automl_core.table import (
    Codes,
    Finding,
    FixAction,
    Keys,
    Schema,
    cell_codes,
    content_keys,
    is_text,
    kept_together,
    plain_array,
    row_keys,
    sample_rows,
)
from automl_core.table.checks.sample import few_rows
from automl_core.words import percent

MAX_ROWS = 1_000_000  # in which exact copies are counted one by one
SET_ROWS = 400_000  # of a longer table, about, in whole sets of copies
CHANCE_ROWS = 100_000  # that tell how often cells agree by chance
NEAR_ROWS, RUN = 40_000, 10  # for near copies, in runs of so many
_SET_COLUMNS = 3  # that say which rows of a longer table are looked at
_COLUMNS_AT_ONCE = 64  # of a wide table; mostly a few tell all rows apart
LEAST_SHARE = 0.005  # of the rows
BEYOND_CHANCE = 5.0  # times the pairs that columns without any tie would give
NEAR_COLUMNS = 120
_HALVES = 18  # random halves of the columns: two cells that differ are in the other one once in 4
_MOST_PAIRS = 4_000  # of each half
_DIFFERENT = 2  # cells
_BY_CHANCE = 1e-3  # pairs that agree in just these cells, expected where columns have no tie
_SPIKE = 3.0  # times as many pairs with so few differences as with a few more
_STRUCTURE = 0.5  # share of the rows from which it is how the table is made


def columns_compared(schema: Schema) -> dict[str, bool]:
    """The columns in which rows are compared, and whether each holds texts."""
    return {c.name: c.role == "text" for c in schema.columns if c.role not in ("ignored", "id")}


def row_copies(table: pa.Table, schema: Schema, target: str | None) -> list[Finding]:
    """Findings on exact and near copies of rows; `table` is the whole one.

    All that counts of the schema are the `columns_compared`.
    """
    usable = columns_compared(schema)
    texts = {name for name, text in usable.items() if text}
    if len(usable) < 3 and not texts:
        return []
    table = table.select([i for i, name in enumerate(table.column_names) if name in usable])
    some = sample_rows(table, CHANCE_ROWS)
    rows = _whole_sets(table, schema)
    looked = (column if rows is None else column.take(pa.array(rows)) for column in table.columns)
    keys = _keys(looked, table.num_rows if rows is None else len(rows))
    rows = np.arange(table.num_rows, dtype=np.int64) if rows is None else rows

    def chance() -> float:
        return float(_chance(some, table.column_names, texts).sum())

    findings = _exact(keys, rows, table.num_rows, chance)
    features = [n for n in usable if n != target][:NEAR_COLUMNS]
    if len(features) >= 4:
        places = _runs(np.sort(np.unique(keys, return_index=True)[1]))
        part = table.select(features).take(pa.array(rows[places]))
        matrix = np.column_stack([_said(column) for column in part.columns])
        spelled = content_keys(part.columns, part.num_rows)
        respelled = _respelled(matrix, spelled, rows[places])
        findings += respelled or _near(matrix, _chance(some, features, texts), rows[places])
    return findings


def _keys(columns: Iterable[Any], rows: int) -> Keys:
    """(rows,) a key a row, equal where all cells are equal.

    Of a wide table no more columns are read than tell all rows apart.
    """
    left = iter(columns)
    keys = content_keys(islice(left, _COLUMNS_AT_ONCE), rows)
    while more := list(islice(left, _COLUMNS_AT_ONCE)):
        if len(np.unique(keys)) == rows:
            break
        keys = row_keys([keys.view(np.int64), content_keys(more, rows).view(np.int64)], rows)
    return keys


def _whole_sets(table: pa.Table, schema: Schema) -> NDArray[np.int64] | None:
    """Rows of a very long table such that all copies of one are among them; None for all rows.

    The columns with most values say which, numbers before words, which take longer.
    """
    if table.num_rows <= MAX_ROWS:
        return None
    distinct = {c.name: c.distinct for c in schema.columns}
    names = sorted(
        table.column_names, key=lambda n: (is_text(table.schema.field(n).type), -distinct[n])
    )
    columns = (table.column(name) for name in names[:_SET_COLUMNS])
    return kept_together(content_keys(columns, table.num_rows), SET_ROWS)


def _runs(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """At most NEAR_ROWS of the rows, in runs that are evenly spaced."""
    if len(rows) <= NEAR_ROWS:
        return rows
    starts = np.linspace(0, len(rows) - RUN, NEAR_ROWS // RUN).astype(np.int64)
    places: NDArray[np.int64] = (starts[:, None] + np.arange(RUN)).ravel()
    return rows.take(places)


def _exact(
    keys: Keys, rows: NDArray[np.int64], all_rows: int, chance: Callable[[], float]
) -> list[Finding]:
    """The finding on equal keys; `chance` gives log P(two rows are equal)."""
    counts = np.unique(keys, return_counts=True)[1]
    repeated, n = int((counts - 1).sum()), len(keys)
    pairs = float((counts * (counts - 1.0) / 2).sum())
    if repeated <= max(1, LEAST_SHARE * n):
        return []
    if np.log(pairs) < np.log(BEYOND_CHANCE) + np.log(n * (n - 1) / 2) + chance():
        return []
    order = np.argsort(keys, kind="stable")
    again = order[1:][keys[order][1:] == keys[order][:-1]]
    counted = "" if n == all_rows else f" (counted in {n:,} of {all_rows:,})"
    message = (
        f"{percent(repeated / n)} of the rows repeat another row exactly{counted}: copies in "
        "training and validation make scores too good."
    )
    fix = "Keep copies on one side of every split, or remove them if they are accidental."
    action = FixAction("setting", "Keep copies together", (), ("copies", "together"))
    shown = few_rows(np.sort(rows[again]))
    return [Finding("duplicate", (), "info", message, fix, "to_review", action, shown)]


def _near(matrix: Codes, chance: NDArray[np.float64], rows: NDArray[np.int64]) -> list[Finding]:
    """Rows of `matrix` (n, d) that differ in few cells; `chance` (d,) is log P(equal cells)."""
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
    return _like_another(involved, rows, "one or two cells")


def _respelled(matrix: Codes, spelled: Keys, rows: NDArray[np.int64]) -> list[Finding]:
    """Rows that say the same in other capitals or with other spaces, `spelled` (n,) as they are."""
    n = len(matrix)
    keys = row_keys(list(matrix.T), n)
    apart = np.unique(np.stack([keys, spelled]), axis=1)  # each spelling of a row once
    counts = np.unique(apart[0], return_counts=True)
    pairs = float((counts[1] * (counts[1] - 1.0) / 2).sum())
    chance = sum(_log(_agree(codes)) for codes in matrix.T)
    if not pairs or np.log(pairs) < np.log(BEYOND_CHANCE) + np.log(n * (n - 1) / 2) + chance:
        return []
    return _like_another(np.isin(keys, counts[0][counts[1] > 1]), rows, "capitals and spaces")


def _like_another(
    involved: NDArray[np.bool_], rows: NDArray[np.int64], little: str
) -> list[Finding]:
    """The finding, unless so many rows are involved that it is how the table is made."""
    share = involved.mean()
    if not max(LEAST_SHARE, 4 / len(rows)) <= share <= _STRUCTURE:
        return []
    message = (
        f"{percent(share)} of the rows are like another row in all but {little}, beyond chance: "
        "they may be one case, entered twice."
    )
    fix = "Remove them if they are, or name the column that says which rows belong together."
    shown = few_rows(rows[involved])
    return [Finding("near_copies", (), "info", message, fix, "to_review", None, shown)]


def _said(cells: pa.ChunkedArray) -> Codes:
    """Codes as `cell_codes` makes them, of words without capitals and with single spaces."""
    cells = plain_array(cells)
    codes = cell_codes(cells)
    if not is_text(cells.type) or not len(codes):
        return codes
    words = cells.dictionary_encode().chunk(0).dictionary  # one for all chunks, as codes count
    single = pc.replace_substring_regex(pc.utf8_lower(words), r"\s+", " ")
    return np.append(cell_codes(pc.utf8_trim_whitespace(single)), -1)[codes]


def _equal_pairs(keys: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    order = np.argsort(keys, kind="stable")
    same = np.flatnonzero(keys[order][1:] == keys[order][:-1])[:_MOST_PAIRS]
    return order[same], order[same + 1]


def _chance(some: pa.Table, names: Sequence[str], texts: set[str]) -> NDArray[np.float64]:
    """(d,) log P(two rows have the same cell), by column; of texts they never have."""
    agree = (0.0 if n in texts else _agree(cell_codes(some.column(n))) for n in names)
    return np.array([_log(share) for share in agree])


def _agree(codes: Codes) -> float:
    """The probability that two of these cells (n,) are the same."""
    counts = np.bincount(codes + 1).astype(np.float64)
    n = counts.sum()
    return float((counts * (counts - 1)).sum() / max(1.0, n * (n - 1)))


def _log(share: float) -> float:
    return float(np.log(max(share, 1e-9)))
