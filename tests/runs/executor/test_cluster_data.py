"""The files that tasks name, found and moved wherever a record has them."""

from __future__ import annotations

from dataclasses import replace

from automl_core.runs.executor.cluster_data import files_of, moved
from automl_core.runs.executor.tasks import (
    AskedRow,
    EmbedTask,
    ExplainRowTask,
    FoldTask,
    PackageTask,
    PredictTask,
    TrainTask,
)
from tests.runs.executor.test_device_placement import LINK

HERE = replace(LINK, root="/here", table="a" * 32)


def test_tables_are_found_in_the_records_inside() -> None:
    training = TrainTask(HERE, (FoldTask(1, 0, "mlp", {}, 0),), None, "cpu")
    assert files_of(training) == {("/here", f"{'a' * 32}.arrow")}
    assert moved(training, "/node") == replace(training, data=replace(HERE, root="/node"))
    assert files_of(EmbedTask(HERE, "b" * 32, None)) == {("/here", f"{c * 32}.arrow") for c in "ab"}
    assert files_of(PredictTask("/here", "c" * 32)) == {("/here", f"{'c' * 32}.arrow")}
    row = AskedRow("m", (), (), "/here", "d" * 32, ())
    asked = ExplainRowTask(row, 0, 1.0)
    assert files_of(asked) == {("/here", f"{'d' * 32}.arrow")}
    assert moved(asked, "/node").row.root == "/node"
    assert files_of(replace(asked, row=replace(row, table=""))) == set()


def test_rows_that_were_drawn_come_with_the_table_that_they_are_from() -> None:
    link = replace(HERE, whole="w" * 32)
    training = TrainTask(link, (FoldTask(1, 0, "mlp", {}, 0),), None, "cpu")
    names = {f"{'a' * 32}.arrow", f"{'w' * 32}.arrow", f"{'a' * 32}.drawn.npy"}
    assert files_of(training) == {("/here", name) for name in names}


def test_a_task_without_a_table_stays_as_it_is() -> None:
    task = PackageTask()
    assert files_of(task) == set()
    assert moved(task, "/node") is task
