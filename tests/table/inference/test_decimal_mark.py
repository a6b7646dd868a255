"""Whether marks in numbers part decimals or group thousands, from the file to the numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from automl_core.table.inference.decimal_mark import meaning
from automl_core.table.inference.schema_inference import infer_schema
from automl_core.table.parsing.parse import parse_column
from automl_core.table.reading.read import read_file
from tests.table.files import read

RNG = np.random.default_rng(0)
N = 120


@pytest.fixture(autouse=True)
def _own_workspace(workspace: Path) -> None:
    """Scratch files land in a workspace of the test's own."""


def grouped(value: float) -> str:
    return f"{int(value):,}".replace(",", ".")


def shortest(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")


def fixed(value: float) -> str:
    return f"{value:.3f}"


WHOLE = {
    "500 to 5,000": RNG.integers(500, 5_001, N),
    "5 to 400,000": np.exp(RNG.normal(7.5, 1.6, N)).astype(int) + 5,
    "prices that end in 9": RNG.integers(3, 40, N) * 100 - 1,
    "steps of 500": RNG.integers(1, 20, N) * 500,
    "small ones and whole thousands": np.array([5, 50, 1_000, 2_000, 7_000] * 20),
}
DECIMALS = {
    "three places, cut": (RNG.normal(50, 20, N).round(3), shortest),
    "three places, all written": (RNG.uniform(0, 3, N).round(3), fixed),
    "three places of 1 to 99": (RNG.uniform(1, 99, N).round(3), fixed),
    "with a number for gaps": (np.where(np.arange(N) % 9, RNG.uniform(1, 9, N), 0), fixed),
    "means of three": ((RNG.integers(3, 16, N) / 3).round(3), shortest),
    "means of seven": ((RNG.integers(7, 50, N) / 7).round(3), shortest),
    "sixths of a hundred": ((RNG.integers(1, 7, N) * 100 / 6).round(3), shortest),
    "1 to 1,000, cut": (RNG.uniform(1, 1_000, N).round(3), shortest),
}


def numbers_in(tmp_path: Path, cells: list[str], delimiter: str, *more: str) -> list[float]:
    """The column `x` of a file that has these cells in it, and perhaps another column."""
    path = tmp_path / "upload"
    rest = [delimiter + more[0]] * len(cells) if more else [""] * len(cells)
    lines = [f"w{i}{delimiter}{c}{r}" for i, (c, r) in enumerate(zip(cells, rest, strict=True))]
    head = delimiter.join(["name", "x", *(["y"] if more else [])])
    path.write_text("\n".join([head, *lines]) + "\n")
    table, used = read_file(path, "t.csv")
    rule = infer_schema(table, used.decimal).column("x").parse
    found = parse_column(table["x"], "x", rule).numbers
    assert found is not None
    return [float(v) for v in found]


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_points_that_group_thousands(tmp_path: Path, name: str, delimiter: str) -> None:
    cells = [grouped(v) for v in WHOLE[name]]
    assert numbers_in(tmp_path, cells, delimiter) == [float(v) for v in WHOLE[name]]


@pytest.mark.parametrize("name", DECIMALS)
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_points_that_part_decimals(tmp_path: Path, name: str, delimiter: str) -> None:
    values, write = DECIMALS[name]
    cells = [write(v) for v in values]
    assert numbers_in(tmp_path, cells, delimiter) == [float(c) for c in cells]


@pytest.mark.parametrize("name", DECIMALS)
def test_commas_that_part_decimals(tmp_path: Path, name: str) -> None:
    values, write = DECIMALS[name]
    cells = [write(v).replace(".", ",") for v in values]
    assert numbers_in(tmp_path, cells, ";") == [float(c.replace(",", ".")) for c in cells]


def test_the_other_columns_of_the_file_settle_it(tmp_path: Path) -> None:
    cells = [grouped(v) for v in RNG.integers(1_000, 900_000, N)]
    whole = [float(c.replace(".", "")) for c in cells]
    decimal = [float(c) for c in cells]
    assert numbers_in(tmp_path, cells, ";", "1.234,56") == whole
    assert numbers_in(tmp_path, cells, ";", "6,69") == whole
    assert numbers_in(tmp_path, cells, ";", "12.5") == decimal
    commas = [c.replace(".", ",") for c in cells]
    assert numbers_in(tmp_path, commas, ";", "6,69") == decimal
    assert numbers_in(tmp_path, commas, ";", "6.69") == whole
    assert numbers_in(tmp_path, [f'"{c}"' for c in commas], ",", "x") == whole


def test_a_late_row_settles_it_and_no_row_is_lost(tmp_path: Path) -> None:
    rows = [f"w{i};{1 + i % 9}.629\n" for i in range(900_000)]
    for last, kind in (("12.5", pa.float64()), ("656", pa.string())):
        table = read(tmp_path, "a;x\n" + "".join(rows) + f"w;{last}\n")
        assert (table.num_rows, table["x"].type) == (900_001, kind)
        assert str(table["x"][-1].as_py()) == last


@pytest.mark.parametrize(
    ("cells", "mark", "found"),
    [
        (["2.629", "1.250", "656"], ".", "thousands"),
        (["2.629", "656", "1200"], ".", "decimal"),
        (["2.629", "0.656", "12"], ".", "decimal"),
        (["2.629", "1.251"], ".", "unclear"),
        (["1.234.567", "2.629"], ".", "thousands"),
        (["2,629", "1,250", "656"], ",", "thousands"),
        (["2,629", "1,25"], ",", "decimal"),
        (["2,629", "12.5"], ",", "unclear"),
        (["66.667", "33.333", "100", "0"], ".", "decimal"),
        (["1.137", "2.629", "999"], ".", "unclear"),
        (["1.137", "2.629", "0", "99"], ".", "unclear"),
        (["656", "7"], ".", "unclear"),
    ],
)
def test_what_cells_say_of_a_mark(cells: list[str], mark: str, found: str) -> None:
    assert meaning(pa.array(cells), mark) == found
