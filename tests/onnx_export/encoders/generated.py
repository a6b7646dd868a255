"""Generated cells of every kind, hostile ones for each, and encoders written and run as graphs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnxruntime
import pyarrow as pa
from numpy.typing import NDArray

from automl_core.features.encode import Encoder
from automl_core.onnx_export.encoders.typed_feeds import feeds
from automl_core.onnx_export.encoders.typed_inputs import TypedInputs
from automl_core.onnx_export.encoders.write import write_encoder
from automl_core.onnx_export.graph_builder import GraphBuilder
from automl_core.table.schema import Column
from automl_core.table.typed_table import TypedTable

ROWS = 160
_R = np.random.default_rng(5)
_NOTES = (
    "a red car", "the blue bike, 2 of them!", "Café au lait", "日本語 と red car", "ไทย abc漢def",
    "free WIFI www.x.org €5", "naïve 🚲 ride", "bikes",
)  # fmt: skip


def _with_gaps(cells: Sequence[object], share: float = 0.1) -> list[object]:
    return [None if _R.random() < share else cell for cell in cells]


def _dates(first: float, last: float) -> list[float]:
    return _R.uniform(first, last, ROWS).round(3).tolist()


CELLS: dict[str, list[object]] = {
    "number": _with_gaps([*(_R.lognormal(3, 2, ROWS - 40)).tolist(), *[0.0] * 40]),
    "boolean": _with_gaps(_R.choice([True, False], ROWS).tolist()),
    "datetime": _with_gaps(_dates(-4e9, 4e9)),
    "string": _with_gaps(_R.choice([f"word {i}" for i in range(45)], ROWS).tolist()),
    "few": _with_gaps(_R.choice(["é", "no", "🚲"], ROWS).tolist()),
    "two": _R.choice(["yes", "no"], ROWS).tolist(),
    "list": _with_gaps(
        [";".join(_R.choice([*"abcdef", "日本"], _R.integers(1, 5))) for _ in range(ROWS)]
    ),
    "text": _with_gaps(
        [" ".join(_R.choice(_NOTES, _R.integers(1, 4))) for _ in range(ROWS)], 0.05
    ),
}  # fmt: skip
KINDS = {name: name for name in CELLS} | {"few": "string", "two": "string"}

HOSTILE: dict[str, list[object]] = {
    "number": [None, np.inf, -np.inf, 1e308, -1e308, 5e-324, -0.0, 0.0, np.nan],
    "boolean": [None, True, False],
    "datetime": [
        None, np.inf, 0.0, -1.0, -0.001, 951_782_400.0, 951_868_799.999, 4e11, -3e11, 3e11, 2.5e11,
        -2.2e9, 86_399.999, 1e300,
    ],
    "string": [None, "never seen", "", " ", "word 1 ", "x" * 100_000, "🚲", "\x1f", "a\0b"],
    "list": [None, "", ";", "zz;a", "a;a", ";".join("abcdef") * 50, "🚲", "日本;b"],
    "text": [
        None, "", "!!!", "zzz", "red", " red  car ", "car red", "red car " * 3_000, "🚲🚲",
        "漢字かな交じり文", "a", "ไทย", "e\u0301 cafe\u0301", "bikes" * 2_000, "\x1f", "a\0b",
    ],
}  # fmt: skip
HOSTILE |= {"few": HOSTILE["string"], "two": HOSTILE["string"]}


def arrow(name: str, cells: Sequence[object]) -> pa.Array:
    """Cells of one of the kinds above as an Arrow array; dates by their seconds."""
    if name == "datetime":
        seconds = [None if c is None or not abs(c) < 9e12 else int(c * 1e6) for c in cells]  # type: ignore[arg-type,operator]
        return pa.array(seconds, pa.timestamp("us"))
    types = {"number": pa.float64(), "boolean": pa.bool_()}
    return pa.array(cells, types.get(name, pa.string()))


def run_encoders(
    encoders: Sequence[Encoder], columns: Sequence[Column], *typed: TypedTable
) -> list[list[NDArray[np.float32]]]:
    """The matrices of all encoders, written into one graph, for each of the tables."""
    graph = GraphBuilder()
    inputs = TypedInputs(graph, columns, encoders)
    for i, encoder in enumerate(encoders):
        width = len(encoder.features)
        graph.output(write_encoder(graph, encoder, inputs), f"x{i}", "float", ["rows", width])
    session = onnxruntime.InferenceSession(graph.build({}))
    return [session.run(None, feeds(inputs.columns, table)) for table in typed]
