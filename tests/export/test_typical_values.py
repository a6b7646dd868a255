"""Usual values of a model's columns: by the training table, and by the model alone."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pytest

from automl_core.export.predictor import predictor_files
from automl_core.export.typical_values import (
    ColumnFacts,
    facts_from_plain,
    facts_of_model,
    facts_of_table,
    facts_to_plain,
    used_columns,
)
from automl_core.types import Files
from tests import small

DAY = 86_400


@pytest.fixture(scope="module")
def files() -> Files:
    return predictor_files(small.predictor("binary", "lightgbm"))


def by_name(facts: tuple[ColumnFacts, ...]) -> dict[str, ColumnFacts]:
    return {fact.name: fact for fact in facts}


def test_columns_that_say_nothing_are_not_used(files: Files) -> None:
    names = [column.name for column in used_columns(files)]
    assert names == ["age", "income", "city", "code", "since", "note", "vip"]  # not `empty`


def test_the_table_says_what_is_usual_and_what_there_was(files: Files) -> None:
    table = small.table()
    facts = by_name(facts_of_table(used_columns(files), table))
    ages = sorted(table.column("age").to_pylist())
    age, city, since = facts["age"], facts["city"], facts["since"]
    assert (age.number, age.low, age.high) == (ages[120], ages[0], ages[-1])
    assert age.whole and age.complete and not facts["income"].whole
    assert city.words == ("Oslo", "Bergen", "Tromsø", "Bodø") and city.complete
    assert since.whole and since.number is not None and since.number % DAY == 0
    assert facts["vip"].number == 0.0


def test_the_model_alone_says_what_it_keeps(files: Files) -> None:
    facts = by_name(facts_of_model(files))
    assert facts["age"].number == pytest.approx(54, abs=6)
    assert facts["age"].low is None
    assert facts["city"].words[0] == "Oslo" and not facts["city"].complete
    assert facts["since"].number is not None and facts["note"].words == ()
    assert facts["vip"].number == 0.0


@pytest.mark.parametrize("plain", [None, [], {}, [1], [{"name": "age", "low": "x"}], [{"x": 1}]])
def test_what_a_file_says_of_its_columns_may_be_anything(files: Files, plain: object) -> None:
    assert facts_from_plain(used_columns(files), plain) == ()


def test_facts_travel_without_texts(files: Files) -> None:
    columns = used_columns(files)
    facts = facts_of_table(columns, small.table())
    again = by_name(facts_from_plain(columns, facts_to_plain(facts)))
    for name, fact in by_name(facts).items():
        assert again[name] == (replace(fact, words=()) if name == "note" else fact)


def test_columns_without_values_and_that_are_not_there_have_no_facts(files: Files) -> None:
    rows = small.table().select(["age", "city"])
    rows = rows.set_column(0, "age", pa.nulls(len(rows), pa.int64()))
    facts = by_name(facts_of_table(used_columns(files), rows))
    assert facts["age"].number is None and facts["income"].number is None
    assert facts["city"].words
