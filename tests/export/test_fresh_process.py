"""A downloaded model predicts in a fresh process as it did in the run, in any batch size.

Probabilities are equal to 1e-6, values to 1e-6 relative: the figure that the project states.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from automl_core.export.bundle import write_bundle
from automl_core.export.predictor import predictor_files
from automl_core.types import Task
from tests import small

ROOT = Path(__file__).resolve().parents[2]
MODELS: tuple[tuple[Task, tuple[str, ...]], ...] = (
    ("binary", ("mlp",)),
    ("binary", ("lightgbm",)),
    ("multiclass", ("lightgbm", "mlp")),
    ("multiclass", ("extra_trees", "linear")),
    ("regression", ("mlp",)),
    ("regression", ("lightgbm", "resnet")),
)
SCRIPT = """
import sys
from pathlib import Path
import numpy as np, pyarrow as pa
from automl_core.export.bundle import read_bundle
from automl_core.export.predictor import load_predictor
folder = Path(sys.argv[1])
with pa.ipc.open_file(folder / "new.arrow") as reader:
    table = reader.read_all()
for path in sorted(folder.glob("*.zip")):
    predictor = load_predictor(read_bundle(path))
    for size in (1, 7, table.num_rows):
        parts = [
            predictor.predict_table(table.slice(i, size)) for i in range(0, table.num_rows, size)
        ]
        np.save(folder / f"{path.stem}.{size}.npy", np.concatenate(parts))
"""


def _new_rows() -> pa.Table:
    """Rows with what training never saw: values, types, infinities, an absent column."""
    table = small.table(30, seed=9)
    cities = table.column("city").to_pylist()
    cities[:5] = ["Paris", "", None, "OSLO", "Oslo "]
    ages = [float(a) for a in table.column("age").to_pylist()]
    ages[:4] = [float("inf"), float("nan"), -1e300, 1e-300]
    table = table.set_column(2, "city", pa.array(cities)).set_column(0, "age", pa.array(ages))
    return table.drop_columns(["empty"]).append_column("extra", pa.array(["x"] * 30))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Bundles, what each predicted in this process, and what a fresh process made of them."""
    folder, table = tmp_path_factory.mktemp("fresh"), _new_rows()
    with pa.ipc.new_file(folder / "new.arrow", table.schema) as writer:
        writer.write_table(table)
    for number, (task, families) in enumerate(MODELS):
        predictor = small.predictor(task, *families)
        np.save(folder / f"{number}.expected.npy", predictor.predict_table(table))
        data = write_bundle(predictor_files(predictor), {"model": predictor.name})
        (folder / f"{number}.zip").write_bytes(data)
    words = [sys.executable, "-W", "error", "-c", SCRIPT, str(folder)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("number", range(len(MODELS)))
def test_equal_to_the_run_in_any_batch_size(folder: Path, number: int) -> None:
    expected = np.load(folder / f"{number}.expected.npy")
    assert np.isfinite(expected).all()
    for size in (1, 7, 30):
        got = np.load(folder / f"{number}.{size}.npy")
        assert got.shape == expected.shape
        if MODELS[number][0] == "regression":
            assert (np.abs(got - expected) <= 1e-6 * np.maximum(1e-12, np.abs(expected))).all()
        else:
            assert np.abs(got - expected).max() <= 1e-6
