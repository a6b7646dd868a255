"""Tables of any length or width whose target follows a stated formula, made a block at a time.

A long one has 19 columns of six kinds and a target that depends on smooth functions, products and
effects of categories, so that more rows teach more. A wide one has numbers, of which few count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

BLOCK = 500_000
TARGET, POSITIVE = "bought", "yes"
WIDE_COUNTING = 40  # columns of a wide table that the target depends on
SHOPS, ITEMS = 300, 20_000
START = np.datetime64("2024-01-01", "s")

Floats = NDArray[np.float64]


def long_block(rows: int, number: int) -> pa.Table:
    """Block `number` of the long table: 20 columns."""
    rng = np.random.default_rng((11, number))
    fixed = np.random.default_rng(5)
    of_shop, of_item = fixed.normal(size=SHOPS), fixed.normal(size=ITEMS)
    x = rng.normal(size=(rows, 11))
    shop, kind = rng.integers(0, SHOPS, rows), rng.integers(0, 6, rows)
    item = (ITEMS * rng.random(rows) ** 2).astype(np.int64)  # some are far more common
    visits, stock = rng.poisson(4, rows), rng.integers(0, 10_000_000, rows)
    member, seconds = rng.random(rows) < 0.3, rng.integers(0, 365 * 86_400, rows)
    score = (
        1.2 * np.sin(3 * x[:, 0]) * np.cos(2 * x[:, 1])
        + 0.8 * x[:, 2] * x[:, 3]
        + np.tanh(2 * x[:, 4])
        + 0.6 * np.sin(4 * x[:, 5] + x[:, 6])
        + 0.5 * (kind % 2) * x[:, 7]
        + 0.7 * of_shop[shop]
        + 0.7 * of_item[item]
        + 0.4 * np.log1p(visits) * member
        + 0.5 * np.sin(2 * np.pi * (seconds % 86_400) / 86_400)
    )
    columns: dict[str, pa.Array] = {f"x{i}": pa.array(x[:, i]) for i in range(11)}
    columns |= {
        "visits": pa.array(visits),
        "stock": pa.array(stock),
        "price": pa.array(np.round(np.exp(x[:, 8] + rng.normal(size=rows)), 2)),
        "kind": _words("kind", 6, kind),
        "shop": _words("shop", SHOPS, shop),
        "item": _words("item", ITEMS, item),
        "member": pa.array(member),
        "seen": pa.array(START + seconds),
        TARGET: _labels(score - 0.3, rng),
    }
    return pa.table(columns)


def wide_block(rows: int, number: int, columns: int) -> pa.Table:
    """Block `number` of the wide table: so many columns, the last of them the target."""
    columns -= 1
    rng = np.random.default_rng((12, number))
    effects = np.random.default_rng(6).normal(size=WIDE_COUNTING)
    x = rng.normal(size=(rows, columns)).astype(np.float32)
    counting = x[:, np.linspace(0, columns - 1, WIDE_COUNTING).astype(np.int64)]
    score = 0.6 * counting @ effects + 0.8 * counting[:, 0] * counting[:, 1]
    cells: dict[str, pa.Array] = {f"gene_{i}": pa.array(x[:, i]) for i in range(columns)}
    return pa.table(cells | {TARGET: _labels(score, rng)})


def write(path: Path, rows: int, block: Callable[[int, int], pa.Table], first: int = 0) -> None:
    """A Parquet file of so many rows, of the blocks from `first` on."""
    parts = _parts(rows, block, first)
    table = next(parts)
    with pq.ParquetWriter(str(path), table.schema) as writer:
        writer.write_table(table)
        for table in parts:
            writer.write_table(table)


def _parts(rows: int, block: Callable[[int, int], pa.Table], first: int) -> Iterator[pa.Table]:
    for number, begin in enumerate(range(0, rows, BLOCK)):
        yield block(min(BLOCK, rows - begin), first + number)


def _words(stem: str, count: int, codes: NDArray[np.int64]) -> pa.Array:
    words = pa.array([f"{stem}-{i:05d}" for i in range(count)])
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), words).cast(pa.string())


def _labels(score: Floats, rng: np.random.Generator) -> pa.Array:
    yes = rng.random(len(score)) < 1 / (1 + np.exp(-1.3 * score))
    return pa.array(["no", POSITIVE]).take(pa.array(yes.astype(np.int8)))
