"""Rows encoded in a second, against scikit-learn's ColumnTransformer doing the same.

    python -m tests.benchmarks.encoding [--rows 1000000] [--fit-rows 50000] [--json FILE]

A made table: numbers with holes, categories of few and of many values, a date, a short text.
Both are fitted on the same rows and make the same kinds of columns, as the trees' cards ask for
them: scaled numbers, one-hot or target means, calendar parts, TF-IDF and themes of words, pairs
and runs of characters. One core. `parse` is raw cells to typed columns, which scikit-learn does
not have; the exit code is 1 where both stages together are slower than scikit-learn.
"""

from __future__ import annotations

import sys
import time
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler, TargetEncoder
from threadpoolctl import threadpool_limits

from automl_core.features.encode import fit_encoder
from automl_core.models.catalog import model_spec
from automl_core.table.parsing.parse import parse_table
from automl_core.table.schema import Column, ParseRule, Role
from tests.benchmarks import figures

NUMBERS = ("a", "b", "c", "d")
FEW, MANY = ("colour", "size"), ("shop", "street")
PARTS = ("year", "month", "day", "day_of_week", "hour", "day_of_year")


@dataclass(frozen=True)
class Speed:
    """Rows a second, and how many columns came out."""

    name: str
    rows: int
    columns: int
    fit_seconds: float
    parse: float  # rows a second; infinite where there is no such stage
    encode: float
    both: float


def made_table(rows: int, seed: int = 0) -> pd.DataFrame:
    """The table, with its target "y" of 0 and 1."""
    r = np.random.default_rng(seed)
    words = np.array(["".join(r.choice(list("aeioulnrst"), r.integers(2, 9))) for _ in range(5000)])
    rank = r.zipf(1.3, (rows, 8)) % len(words)
    frame = pd.DataFrame({name: r.normal(size=rows) for name in NUMBERS})
    frame["a"] = frame["a"].where(r.random(rows) > 0.1)
    for name, values in zip((*FEW, *MANY), (5, 9, 300, 20_000), strict=True):
        frame[name] = np.array([f"{name} {i}" for i in range(values)])[r.integers(0, values, rows)]
    frame["day"] = pd.to_datetime(r.integers(1_500_000_000, 1_700_000_000, rows), unit="s")
    frame["note"] = [" ".join(row) for row in words[rank].tolist()]
    frame["y"] = (r.random(rows) < 0.5).astype(int)
    return frame


def ours(fit: pd.DataFrame, table: pd.DataFrame) -> Speed:
    """Torchlight, as the trees' cards ask for it."""
    kinds: dict[str, tuple[Role, str]] = {name: ("numeric", "number") for name in NUMBERS}
    kinds |= {name: ("category", "string") for name in (*FEW, *MANY)}
    kinds |= {"day": ("datetime", "datetime"), "note": ("text", "text")}
    columns = [
        Column(name, role, "", ParseRule(kind), 0, 0)  # type: ignore[arg-type]
        for name, (role, kind) in kinds.items()
    ]
    arrow = [pa.Table.from_pandas(t.drop(columns="y"), preserve_index=False) for t in (fit, table)]
    began = time.perf_counter()
    typed, y = parse_table(arrow[0], columns), fit["y"].to_numpy(np.int64)
    encoder, _ = fit_encoder(typed, columns, y, "binary", 2, model_spec("lightgbm").encoding, 0)
    fitted = time.perf_counter()
    typed = parse_table(arrow[1], columns)
    parsed = time.perf_counter()
    matrix = encoder.encode(typed)
    done = time.perf_counter()
    n = len(table)
    return Speed(
        "torchlight", n, matrix.shape[1], fitted - began,
        n / (parsed - fitted), n / (done - parsed), n / (done - fitted),
    )  # fmt: skip


def scikit_learn(fit: pd.DataFrame, table: pd.DataFrame) -> Speed:
    """ColumnTransformer with the same kinds of columns."""
    asked = model_spec("lightgbm").encoding
    words: dict[str, Any] = {"token_pattern": r"\S+", "ngram_range": (1, 2), "min_df": 2}
    runs: dict[str, Any] = {"analyzer": "char_wb", "ngram_range": (3, 5), "max_features": 2000}
    themes = make_pipeline(
        make_union(TfidfVectorizer(max_features=3000, **words), TfidfVectorizer(**runs)),
        TruncatedSVD(asked.text_themes, random_state=0),
    )
    terms = TfidfVectorizer(max_features=asked.text_words, **words)
    transformer = ColumnTransformer(
        [
            ("numbers", StandardScaler(), list(NUMBERS)),
            ("few", OneHotEncoder(handle_unknown="ignore"), list(FEW)),
            ("many", TargetEncoder(random_state=0), list(MANY)),
            ("day", FunctionTransformer(_parts), "day"),
            ("terms", terms, "note"),
            ("themes", themes, "note"),
        ],
        sparse_threshold=0,
    )
    began = time.perf_counter()
    transformer.fit_transform(fit.drop(columns="y"), fit["y"])
    fitted = time.perf_counter()
    step = max(1, len(table) // 10)  # in parts: its matrix is of float64
    parts = (table.iloc[i : i + step].drop(columns="y") for i in range(0, len(table), step))
    widths = [transformer.transform(part).astype(np.float32).shape[1] for part in parts]
    rate = len(table) / (time.perf_counter() - fitted)
    return Speed("scikit-learn", len(table), widths[0], fitted - began, float("inf"), rate, rate)


def _parts(days: pd.Series) -> np.ndarray:
    return np.column_stack([getattr(days.dt, part) for part in PARTS])


def main() -> int:
    """Measures both and prints a line each."""
    options = figures.arguments("Rows encoded a second, against scikit-learn.")
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--fit-rows", type=int, default=50_000)
    asked = options.parse_args()
    fit, table = made_table(asked.fit_rows), made_table(asked.rows, seed=1)
    with threadpool_limits(1):
        speeds = [measure(fit, table) for measure in (ours, scikit_learn)]
    for speed in speeds:
        print(
            f"{speed.name:13} {speed.columns:5} columns, fit {speed.fit_seconds:6.1f} s, rows a "
            f"second: parse {speed.parse:,.0f}, encode {speed.encode:,.0f}, both {speed.both:,.0f}",
            flush=True,
        )
    figures.write_json(asked.json, [asdict(speed) for speed in speeds])
    return int(speeds[0].both < speeds[1].both)


if __name__ == "__main__":
    sys.exit(main())
