"""The samples are what their cards say."""

from __future__ import annotations

import pytest

from automl_core.errors import TableError
from automl_core.table.inference.schema_inference import infer_schema
from automl_core.table.inference.target import guess_task
from automl_core.table.sample_data.samples import SAMPLES, Sample, make_sample


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: s.name)
def test_a_sample_keeps_its_promises(sample: Sample) -> None:
    table = make_sample(sample.name)
    assert table.num_rows == sample.rows
    assert guess_task(table, infer_schema(table), sample.target).task == sample.task


def test_every_task_has_a_real_sample() -> None:
    assert {s.task for s in SAMPLES if not s.generated} == {"binary", "multiclass", "regression"}


def test_the_generated_table_has_all_that_makes_tables_hard() -> None:
    table = make_sample("customer_churn")
    schema = infer_schema(table)
    assert {c.role for c in schema.columns} == {
        "id", "datetime", "category", "numeric", "boolean", "text",
    }  # fmt: skip
    assert sum(c.missing > 0 for c in schema.columns) >= 4
    assert 0.2 < table["churned"].to_pylist().count("yes") / table.num_rows < 0.4


def test_the_seed_decides() -> None:
    first, again = make_sample("customer_churn", 1), make_sample("customer_churn", 1)
    assert first.equals(again)
    assert not first.equals(make_sample("customer_churn", 2))


def test_an_unknown_sample_names_the_closest() -> None:
    with pytest.raises(TableError) as caught:
        make_sample("digit")
    assert "'digits'" in caught.value.hint
