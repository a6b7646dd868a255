"""Checks that the model answers here as it did where it was made: `python test_model.py`.

Needs what requirements.txt names; pytest, if there is one, runs it too.
"""

from __future__ import annotations

import csv
import importlib
import json
import tempfile
from pathlib import Path
from typing import Any

from automl_core.onnx_export.scorer.scoring_error import ScoringError

HERE = Path(__file__).parent
EXAMPLE = json.loads((HERE / "example.json").read_text(encoding="utf-8"))
score: Any = importlib.import_module("score")  # the program beside this file


def _same(found: dict[str, Any], expected: dict[str, Any]) -> bool:
    limit = EXAMPLE["tolerance"]
    return found.keys() == expected.keys() and all(
        abs(found[name] - value) <= limit * max(1.0, abs(value))
        if isinstance(value, float)
        else found[name] == value
        for name, value in expected.items()
    )


def test_the_example_has_the_expected_answer() -> None:
    found = score.predict(EXAMPLE["request"])
    assert len(found) == len(EXAMPLE["answer"])
    assert all(map(_same, found, EXAMPLE["answer"])), found


def test_rows_do_not_depend_on_each_other_nor_on_the_order_of_columns() -> None:
    scorer = score.opened()
    for row, expected in zip(EXAMPLE["request"], EXAMPLE["answer"], strict=True):
        turned = dict(reversed(row.items())) | {"a column that the model does not know": "x"}
        assert _same(scorer.predict([turned])[0], expected)
    assert scorer.predict([]) == []


def test_a_missing_column_is_named() -> None:
    scorer = score.opened()
    for name in scorer.columns[:1]:
        row = {other: cell for other, cell in EXAMPLE["request"][0].items() if other != name}
        try:
            scorer.predict([row])
        except ScoringError as error:
            assert repr(name) in str(error)
        else:
            raise AssertionError("a row without a column was scored")


def test_a_file_is_scored() -> None:
    request = EXAMPLE["request"]
    with tempfile.TemporaryDirectory() as folder:
        given, out = Path(folder, "in.csv"), Path(folder, "out.csv")
        with given.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, ["number of row", *request[0]])
            writer.writeheader()
            writer.writerows({"number of row": i} | row for i, row in enumerate(request))
        assert score.main([str(given), str(out)]) == 0
        with out.open(encoding="utf-8", newline="") as file:
            found = list(csv.DictReader(file))
    assert len(found) == len(request)
    assert list(found[0]) == list(EXAMPLE["answer"][0])


if __name__ == "__main__":
    for name, check in list(globals().items()):
        if name.startswith("test_"):
            check()
            print(f"passed: {name[5:].replace('_', ' ')}")
