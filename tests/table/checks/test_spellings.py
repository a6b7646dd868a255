"""One value in several spellings, merged by one click; codes in which capitals mean something."""

from __future__ import annotations

import pyarrow as pa
import pytest

from automl_core.table.checks.apply_fix import apply_fix
from automl_core.table.checks.run import find_problems
from automl_core.table.checks.spellings import spellings
from automl_core.table.inference.schema_inference import infer_schema
from tests.table.checks.looked import one


@pytest.mark.parametrize(
    ("usual", "other"),
    [
        ("Berlin", "berlin"), ("Berlin", "Ber\u00adlin"), ("New York", "New  York"),
        ("New York", "New\u00a0York"), ("Zürich", "Zu\u0308rich"), ("Bern", "Ｂｅｒｎ"),
        ("Rome", "Rome\u200b"), ("ÉCOLE", "école"), ("x y", "x\ty"),
    ],
)  # fmt: skip
def test_one_value_in_two_spellings_is_merged_and_parted_again(usual: str, other: str) -> None:
    table = pa.table({"x": [usual, usual, other, "Oslo", "Lima"] * 20, "z": list(range(100))})
    schema = infer_schema(table)
    (finding,) = [f for f in find_problems(table, schema) if f.kind == "spellings"]
    assert finding.rows[0] == 2 and "in 60 rows" in finding.message
    assert finding.action is not None
    merged = apply_fix(finding.action, schema, table)
    assert merged.column("x").distinct == 3
    (done,) = [f for f in find_problems(table, merged) if f.kind == "spellings"]
    assert done.state == "fixed" and done.action is not None
    assert apply_fix(done.action, merged, table) == schema


@pytest.mark.parametrize(
    "words",
    [("m", "M", "k"), ("mW", "MW", "kW"), ("a", "b", "c"), ("red", "blue ", "blue"),
     ("aBcD", "abCd", "xYzQ")],
)  # fmt: skip
def test_short_codes_and_other_words_are_left_alone(words: tuple[str, ...]) -> None:
    assert spellings(*one(list(words) * 30)) is None


def test_a_target_with_several_spellings() -> None:
    table = pa.table({"x": list(range(80)), "y": ["Cat", "cat", "dog", "cow"] * 20})
    found = [f for f in find_problems(table, infer_schema(table), "y") if f.kind == "spellings"]
    assert [f.columns for f in found] == [("y",)]
