"""The comparison of downloads in other processes: requests, answers, and what is made of them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from automl_core.errors import ModelError
from automl_core.table import TypedColumn, TypedTable
from tests.benchmarks.exported import Line, summary
from tests.benchmarks.keras_elsewhere import Elsewhere, Opened
from tests.benchmarks.keras_parity import TORCH
from tests.features.one_column import column_of


def test_what_fails_in_the_process_is_said_and_it_goes_on(tmp_path: Path) -> None:
    with Elsewhere(sys.executable, "json", "torch") as process:  # any library can be loaded
        for _ in range(2):
            with pytest.raises(ModelError, match="FileNotFoundError"):
                process.ask({"open": str(tmp_path)})
        with pytest.raises(ModelError, match="NoneType"):
            process.ask({"save": str(tmp_path)})
    with (
        Elsewhere(sys.executable, "a_library_that_is_not_there", "torch") as process,
        pytest.raises(ModelError, match="has ended"),
    ):
        process.ask({"open": str(tmp_path)})


class _Echo:
    """Answers with the numbers that it was given, and a label for each."""

    def ask(self, request: dict[str, str]) -> None:
        cells = json.loads(Path(request["cells"]).read_text(encoding="utf-8"))
        assert cells["column:word"] == ["a\ud800", ""]
        np.savez(request["out"], value=cells["column:number"], label=[1, 0])


def test_rows_arrive_as_they_are_and_labels_come_back_as_they_are_spelled() -> None:
    words = TypedColumn("word", codes=np.array([0, -1], np.int32), words=("a\ud800",))
    numbers = TypedColumn("number", numbers=np.array([np.nan, -np.inf]))
    columns = [column_of("word", "string"), column_of("number", "number")]
    opened = Opened(_Echo(), columns, ["no", "yes"])  # type: ignore[arg-type]
    found = opened.run(TypedTable({"word": words, "number": numbers}, 2))
    assert found["label"].tolist() == ["yes", "no"]
    np.testing.assert_array_equal(found["value"], [np.nan, -np.inf])


def test_what_was_refused_is_counted() -> None:
    lines = [
        Line("t", "a", "mlp", TORCH, greatest=1e-9, ties=2),
        Line("t", "b", "mlp", TORCH, problem="No."),
    ]
    assert summary(TORCH, lines) == (
        "Keras on torch: 2 files, 1 refused or different; of the others 1.0e-09 at most, 2 ties"
    )
    assert "nan at most" in summary(TORCH, [])
