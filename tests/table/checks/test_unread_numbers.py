"""Numbers with a mark, and columns of numbers that are read as something else."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from automl_core.table.checks.apply_fix import apply_fix
from automl_core.table.inference.schema_inference import infer_schema
from tests.table.checks.looked import found

N = 300
RNG = np.random.default_rng(5)
SIZES = RNG.normal(50, 9, N).round(1)
COUNTS = RNG.integers(0, 900, N)


def marked(numbers: np.ndarray, front: str, back: str, every: int = 10) -> list[str]:
    return [f"{front}{v}{back}" if i % every == 0 else f"{v}" for i, v in enumerate(numbers)]


@pytest.mark.parametrize("back", ["*", " p", " est.", "†", " [note 2]", "(estimated)", "+", "?"])
def test_marks_behind_numbers_are_said_and_read_by_one_click(back: str) -> None:
    table = pa.table({"x": marked(SIZES, "", back), "z": SIZES * SIZES})
    schema = infer_schema(table)
    (finding,) = found({"x": table["x"], "z": table["z"]}, "flags")
    assert finding.rows == (0, 10, 20, 30, 40) and "in 30 rows" in finding.message
    if finding.state != "to_review":
        return  # the numbers are read already
    assert finding.action is not None
    mended = apply_fix(finding.action, schema, table).column("x")
    assert (mended.role, mended.missing) == ("numeric", 0)


@pytest.mark.parametrize("front", ["<", ">", "~", "ca. "])
def test_limits_and_estimates(front: str) -> None:
    (finding,) = found({"x": marked(COUNTS, front, ""), "z": SIZES}, "flags")
    assert front.strip() in finding.message


@pytest.mark.parametrize(
    "cells",
    [
        [str(v) for v in SIZES],
        [f"{v} kg" for v in SIZES],
        [f"{v}{'abcd'[i % 4] if i % 7 == 0 else ''}" for i, v in enumerate(COUNTS)],  # houses
        [f"{v}M" if i % 3 else f"{v}k" for i, v in enumerate(SIZES)],
        [f"{70000 + v}{'A' if i % 9 == 0 else ''}" for i, v in enumerate(COUNTS)],
        [f"0{v}" for v in COUNTS],
        [f"{v}%" if i % 2 else str(v) for i, v in enumerate(COUNTS)],
    ],
)  # fmt: skip
def test_units_house_numbers_and_codes_have_no_marks(cells: list[str]) -> None:
    assert not found({"x": cells, "z": SIZES}, "flags")
    assert not found({"x": cells, "z": SIZES}, "unread_numbers")


def test_numbers_that_became_words_are_named_with_a_button() -> None:
    cells = [f"see {i}.{i}" if i % 7 == 0 else f"{v}" for i, v in enumerate(SIZES)]
    (finding,) = found({"x": cells, "z": SIZES}, "unread_numbers")
    assert "'see 0.0'" in finding.message and finding.severity == "warning"
    assert finding.action is not None and finding.action.values == ("numeric",)


def test_two_decimal_marks_in_one_column() -> None:
    cells = [f"{v}" if i % 2 else f"{v}".replace(".", ",") for i, v in enumerate(SIZES)]
    findings = found({"x": cells, "z": SIZES}, "unread_numbers")
    assert infer_schema(pa.table({"x": cells})).column("x").role == "numeric" or findings
