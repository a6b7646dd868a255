"""Lists in a cell, and text that only has separators."""

from __future__ import annotations

import random

import pyarrow as pa
import pytest

from automl_core.profile.column_summary import profile_columns
from automl_core.table.inference.schema_inference import infer_schema
from automl_core.table.parsing.list_items import BETWEEN, items_of, list_words
from automl_core.table.parsing.parse import parse_column
from automl_core.table.schema import ParseRule
from tests.table.guessed import guessed

RNG = random.Random(0)
GENRES = ["Drama", "Crime", "Comedy", "Action", "War", "Film Noir"]
N = 200


def cells(join: str, most: int = 4) -> list[str]:
    return [join.join(sorted(RNG.sample(GENRES, RNG.randint(1, most)))) for _ in range(N)]


@pytest.mark.parametrize(
    ("values", "separator"),
    [
        (cells(";"), ";"), (cells(" | "), "|"), (cells(", "), ","), (cells("\n"), "\n"),
        (cells(";", 2), ";"), (["[" + c + "]" for c in cells(", ")], ","),
        ([str(c.split(",")) for c in cells(",")], ","),
        (["{" + c.replace("Film Noir", '"Film, Noir"') + "}" for c in cells(",")], ","),
    ],
)  # fmt: skip
def test_lists_are_found(values: list[str], separator: str) -> None:
    found = guessed(values)
    assert (found.role, found.parse.kind, found.parse.separator) == ("list", "list", separator)
    assert "6 different ones" in found.reason


@pytest.mark.parametrize(
    "values",
    [
        [f"{RNG.choice(['Austin', 'Waco'])}, {RNG.choice(['TX', 'CA'])}" for _ in range(N)],
        [f"good food, nice place {i}, would come again" for i in range(N)],
        [f"{RNG.randint(1, 999)} Oak Street, Springfield, IL {i}" for i in range(N)],
        [f"{i % 40 / 7:.3f}, {i % 50 / 3:.3f}" for i in range(N)],
        [f"[{i % 40 / 7:.3f}, {i % 50 / 3:.3f}, 0.25]" for i in range(N)],
        [f"Smith, {n} {i % 60}" for i, n in enumerate(["John", "Ann"] * 100)],
        ['[{"id": 1, "name": "a"}]', '[{"id": 2, "name": "b"}, {"id": 1, "name": "a"}]'] * 50,
        ["own, mortgage", "rent", "own, free", "own, mortgage, shared"] * 50,
        [f"{1000 + i % 50:,}" for i in range(N)],
    ],
)  # fmt: skip
def test_text_with_separators_is_no_list(values: list[str]) -> None:
    assert guessed(values).role != "list"


def test_nested_columns_are_lists() -> None:
    nested = [RNG.sample(GENRES, RNG.randint(0, 3)) for _ in range(N)]
    found = guessed(nested)
    assert (found.role, found.missing) == ("list", sum(not items for items in nested))


def test_a_profile_counts_items() -> None:
    table = pa.table({"x": ["a;b", "b;c", "a;c;b", "c", "b;a"] * 20 + ["d;b", "d;a"]})
    schema = infer_schema(table)
    assert schema.column("x").role == "list"
    (profile,) = profile_columns(table, schema)
    assert dict(zip(profile.labels, profile.histogram, strict=True)) == {
        "b": 81, "a": 61, "c": 60, "d": 2,
    }  # fmt: skip
    assert profile.summary.startswith("most often b")


def test_items_are_trimmed_lower_case_and_different() -> None:
    assert items_of(" A ; b;a ;; C", ";") == ("a", "b", "c")
    assert items_of("['x, y', \"Z\", 3]", ";") == ("x, y", "z", "3")
    assert items_of('{TV,"Cable TV"}', ",") == ("tv", "cable tv")
    assert items_of("[]", ",") == items_of(" ; ", ";") == ()
    assert items_of("one", "") == ("one",)


def test_cells_become_their_items() -> None:
    words = list_words(pa.array(["b; A", None, ";", "a"]), ";")
    assert words.to_pylist() == [f"b{BETWEEN}a", None, None, "a"]
    rule = ParseRule("list", missing=("n/a",), separator="|")
    typed = parse_column(pa.array(["x|Y", "N/A", "y", None, "X | y"]), "c", rule)
    assert typed.words == (f"x{BETWEEN}y", "y")
    assert typed.codes is not None
    assert typed.codes.tolist() == [0, -1, 1, -1, 0]
    nested = parse_column(pa.array([["x", "Y"], [], None]), "c", rule)
    assert nested.words == (f"x{BETWEEN}y",)
