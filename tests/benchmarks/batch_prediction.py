"""Predicting a generated file of millions of rows: rows a second, peak memory, equality.

    python -m tests.benchmarks.batch_prediction [--rows 5000000] [--extras] [--parquet]

The command is `torchlight predict`, watched from outside; the model is LightGBM on a small table
with every kind of column. Its output is compared with predictions of the same rows in pieces of
another size, and for the first 500,000 in one piece. Resident memory counts the pages of mapped
libraries, too. The exit code is 1 where the peak passes `--limit` or a prediction differs.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from automl_core.export.bundle import write_bundle
from automl_core.export.predictor import Predictor, predictor_files
from automl_core.export.scoring import predictions_table
from tests import small
from tests.benchmarks.memory import watch

PIECE, WHOLE = 100_000, 500_000
COLUMNS = ["age", "income", "city", "code", "since", "note", "vip"]


def pieces(rows: int) -> Iterator[pa.Table]:
    """The file's rows, PIECE at a time; ten pieces, over and over."""
    for number, begin in enumerate(range(0, rows, PIECE)):
        table = small.table(PIECE, seed=1 + number % 10).select(COLUMNS)
        yield table.slice(0, min(PIECE, rows - begin))


def write(path: Path, rows: int) -> None:
    """The file, CSV or Parquet."""
    writer: pa.csv.CSVWriter | pq.ParquetWriter | None = None
    for piece in pieces(rows):
        if writer is None:
            kind = pq.ParquetWriter if path.suffix == ".parquet" else pa.csv.CSVWriter
            writer = kind(str(path), piece.schema)
        writer.write_table(piece)
    assert writer is not None
    writer.close()


def differing(predictor: Predictor, out: Path, rows: int) -> int:
    """The number of rows of the output that other pieces, or the whole, predict otherwise."""
    wrong, begin = 0, 0
    written = pq.read_table(out)
    known: dict[int, pa.Table] = {}
    for number, piece in enumerate(pieces(rows)):
        if number % 10 not in known:
            known[number % 10] = predictions_table(predictor, piece)
        expected = known[number % 10].slice(0, piece.num_rows)
        wrong += _unequal(written.slice(begin, piece.num_rows), expected)
        begin += piece.num_rows
    first = pa.concat_tables(list(pieces(min(rows, WHOLE))))
    wrong += _unequal(written.slice(0, first.num_rows), predictions_table(predictor, first))
    return wrong + abs(written.num_rows - rows)


def _unequal(found: pa.Table, expected: pa.Table) -> int:
    pairs = zip(found.select(expected.column_names).columns, expected.columns, strict=True)
    return max(int(pa.compute.sum(pa.compute.not_equal(a, b)).as_py() or 0) for a, b in pairs)


def main() -> int:
    """One file, predicted once."""
    parser = argparse.ArgumentParser(description="Predicting a file of millions of rows.")
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--limit", type=float, default=2.0, help="GB (1e9 bytes)")
    parser.add_argument("--extras", action="store_true")
    parser.add_argument("--parquet", action="store_true", help="the input; the output always is")
    options = parser.parse_args()
    predictor = small.predictor("binary", "lightgbm")
    with tempfile.TemporaryDirectory(prefix="torchlight-batch-") as folder:
        at = Path(folder)
        table, out = at / f"rows.{'parquet' if options.parquet else 'csv'}", at / "out.parquet"
        write(table, options.rows)
        (at / "model.zip").write_bytes(write_bundle(predictor_files(predictor), {}))
        words = ["predict", str(at / "model.zip"), str(table), "--out", str(out)]
        words += ["--extras"] if options.extras else []
        began = time.monotonic()
        with subprocess.Popen([sys.executable, "-m", "automl_core", *words], text=True) as process:
            peak = watch(process)
        seconds = time.monotonic() - began
        wrong = differing(predictor, out, options.rows) if process.returncode == 0 else -1
        print(
            f"{options.rows:,} rows ({table.stat().st_size / 1e6:,.0f} MB) in {seconds:.1f} s, "
            f"{options.rows / seconds:,.0f} rows/s with reading; peak {peak.resident / 1e9:.2f} GB "
            f"resident; rows that differ: {wrong}"
        )
    return int(wrong != 0 or peak.resident > options.limit * 1e9)


if __name__ == "__main__":
    sys.exit(main())
