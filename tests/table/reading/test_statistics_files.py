"""SPSS, SAS and Stata: labels are words, missing is missing, dates are dates; damage."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import pytest

from automl_core.errors import TableError
from automl_core.table.reading.apart_process import reply_to
from automl_core.table.reading.read import read_file
from automl_core.table.reading.statistics_files import read_statistics
from tests.table.files import read


@pytest.fixture(autouse=True)
def _own_workspace(workspace: Path) -> None:
    """Scratch files land in a workspace of the test's own."""


FRAME = pd.DataFrame(
    {
        "n": [1.0, 2.5, None, -9],
        "word": ["x", "é", "", "z"],
        "sex": [1.0, 2, 1, 2],
        "scale": [1.0, 5, 10, 3],
        "twice": [1.0, 2, 1, 2],
        "day": pd.to_datetime(["2020-01-01", "1850-01-02", None, "2020-01-04"]),
    }
)
LABELS: dict[str, dict[float, str]] = {
    "sex": {1: "male", 2: "female"},
    "scale": {1: "never", 10: "always"},
    "twice": {1: "same", 2: "same"},
}
DAYS = [dt.datetime(2020, 1, 1), dt.datetime(1850, 1, 2), None, dt.datetime(2020, 1, 4)]


def _sav(path: Path) -> None:
    missing = {"n": [{"lo": -9, "hi": -9}]}
    pyreadstat.write_sav(FRAME, path, variable_value_labels=LABELS, missing_ranges=missing)


def _zsav(path: Path) -> None:
    pyreadstat.write_sav(FRAME, path, variable_value_labels=LABELS, compress=True)


def _dta(path: Path) -> None:
    pyreadstat.write_dta(FRAME, path, variable_value_labels={"sex": LABELS["sex"]})


def _xpt(path: Path) -> None:
    pyreadstat.write_xport(FRAME, path)


Write = Callable[[Path], None]


@pytest.mark.parametrize(
    ("write", "format"), [(_sav, "spss"), (_zsav, "spss"), (_dta, "stata"), (_xpt, "sas")]
)
def test_tables_of_statistics_programs(tmp_path: Path, write: Write, format: str) -> None:
    write(tmp_path / "f")
    table, settings = read_file(tmp_path / "f", "f.csv")  # the name is no evidence
    assert settings.format == format
    assert table["word"].to_pylist() == ["x", "é", None, "z"]
    assert table["day"].to_pylist() == DAYS
    assert table["n"].to_pylist() == [1.0, 2.5, None, None if write is _sav else -9.0]
    words: list[Any] = [1, 2, 1, 2] if write is _xpt else ["male", "female", "male", "female"]
    assert table["sex"].to_pylist() == words
    assert table["scale"].to_pylist() == [1, 5, 10, 3]
    if format == "spss":
        assert table["twice"].to_pylist() == ["same (1)", "same (2)", "same (1)", "same (2)"]


def test_older_files_of_stata(tmp_path: Path) -> None:
    frame = FRAME[["n", "sex"]]
    for version in (8, 10, 12):
        pyreadstat.write_dta(frame, tmp_path / "f", version=version)
        table = read(tmp_path, (tmp_path / "f").read_bytes(), "f.dta")
        assert table["sex"].to_pylist() == [1, 2, 1, 2]


@pytest.mark.parametrize("write", [_sav, _zsav, _dta, _xpt])
def test_flipped_bits_are_an_error_in_words_or_a_table(tmp_path: Path, write: Write) -> None:
    write(tmp_path / "f")
    whole, rng = (tmp_path / "f").read_bytes(), random.Random(1)
    for _ in range(25):
        data = bytearray(whole)
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        (tmp_path / "g").write_bytes(data)
        order = {"path": str(tmp_path / "g"), "format": "spss", "settings": None, "table": ""}
        reply = reply_to(order | {"names": [], "sparse": False, "asked": {}})
        assert "settings" in reply or reply["hint"]


def test_a_torn_file_is_an_error_in_words(tmp_path: Path) -> None:
    _sav(tmp_path / "f")
    assert read_statistics(tmp_path / "f").num_rows == 4
    with pytest.raises(TableError, match="SPSS file is damaged"):
        read(tmp_path, (tmp_path / "f").read_bytes()[:300], "f.sav")
