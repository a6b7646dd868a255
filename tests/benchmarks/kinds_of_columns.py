"""A generated table with twenty columns of all kinds, a block of rows at a time.

Knows nothing of what is measured with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

BLOCK = 100_000  # rows
WORDS = ("river", "stone", "market", "green", "window", "paper", "silver", "yellow", "orange")


class _Block:
    """Draws the cells of so many rows."""

    def __init__(self, rng: np.random.Generator, rows: int) -> None:
        self.rng, self.rows = rng, rows

    def any_of(self, words: Sequence[str]) -> pa.Array:
        """One of the words in each row."""
        codes = pa.array(self.rng.integers(0, len(words), self.rows), pa.int32())
        return pa.DictionaryArray.from_arrays(codes, pa.array(words)).cast(pa.string())

    def whole(self, low: int, high: int) -> pa.Array:
        """Whole numbers in a range."""
        return pa.array(self.rng.integers(low, high, self.rows))


def _notes(rng: np.random.Generator) -> list[str]:
    texts = [" ".join(rng.choice(WORDS, 8)) for _ in range(5_000)]
    return [f'{text}, "quoted" end' if i % 50 == 0 else text for i, text in enumerate(texts)]


def _numbers(draw: _Block, start: int) -> dict[str, pa.Array]:
    x = draw.rng.normal(size=draw.rows)
    empty = draw.rng.random(draw.rows) < 0.4
    return {
        "row": pa.array(np.arange(start, start + draw.rows)),
        "age": draw.whole(18, 90),
        "amount": pa.array(np.round(draw.rng.gamma(2, 300, draw.rows), 2)),
        "x": pa.array(x),
        "y": pa.array(x * 2 + draw.rng.normal(size=draw.rows)),
        "sparse whole": pa.array(draw.rng.integers(0, 10**6, draw.rows), mask=empty),
        "sparse float": pa.array(np.round(x, 4), mask=empty),
    }


def _texts(draw: _Block, notes: list[str]) -> dict[str, pa.Array]:
    days = np.arange("2015-01-01", "2024-01-01", dtype="datetime64[D]").astype(str).tolist()
    moments = (draw.rng.integers(10**9, 2 * 10**9, draw.rows)).astype("datetime64[s]")
    return {
        "yes": draw.any_of(["yes", "no"]),
        "flag": draw.any_of(["true", "false"]),
        "city": draw.any_of(["Oslo", "Rome", "Bonn", "München", "São Paulo"]),
        "segment": draw.any_of([f"segment {i}" for i in range(200)]),
        "zip": draw.any_of([f"{i:05d}" for i in range(0, 90_000, 7)]),
        "day": draw.any_of(days),
        "moment": pa.array(moments).cast(pa.string()),
        "price": draw.any_of([f"${i:,}.50" for i in range(1_000, 9_000, 13)]),
        "width": draw.any_of([f"{i} cm" for i in range(400)]),
        "share": draw.any_of([f"{i / 10}%" for i in range(1_000)]),
        "key": pc.binary_join_element_wise("K", draw.whole(0, 10**9).cast(pa.string()), ""),
        "grade": draw.any_of(["A", "B", "C", "D", "?"]),
        "note": draw.any_of(notes),
    }


def blocks(rows: int | None = None) -> Iterator[pa.Table]:
    """Blocks of so many rows together, the last one whole; without end where `rows` is None."""
    rng = np.random.default_rng(0)
    notes = _notes(rng)
    start = 0
    while rows is None or start < rows:
        draw = _Block(rng, BLOCK)
        yield pa.table({**_numbers(draw, start), **_texts(draw, notes)})
        start += BLOCK


def write_csv(path: Path, size: int) -> int:
    """Write at least so many bytes; the rows written."""
    rows = 0
    with path.open("wb") as file:
        writer: pa_csv.CSVWriter | None = None
        for table in blocks():
            writer = writer or pa_csv.CSVWriter(file, table.schema)
            writer.write_table(table)
            rows += table.num_rows
            if file.tell() >= size:
                writer.close()
                return rows
    raise AssertionError("blocks without end ended")
