"""The tables that tasks name, found and renamed wherever a record has them."""

from __future__ import annotations

from dataclasses import replace

from automl_core.runs.executor.cluster_data import moved, tables_of
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
    assert tables_of(training) == {("/here", "a" * 32)}
    assert moved(training, "/node") == replace(training, data=replace(HERE, root="/node"))
    assert tables_of(EmbedTask(HERE, "b" * 32, None)) == {("/here", c * 32) for c in "ab"}
    assert tables_of(PredictTask("/here", "c" * 32)) == {("/here", "c" * 32)}
    row = AskedRow("m", (), (), "/here", "d" * 32, ())
    asked = ExplainRowTask(row, 0, 1.0)
    assert tables_of(asked) == {("/here", "d" * 32)}
    assert moved(asked, "/node").row.root == "/node"
    assert tables_of(replace(asked, row=replace(row, table=""))) == set()


def test_a_task_without_a_table_stays_as_it_is() -> None:
    task = PackageTask("keras")
    assert tables_of(task) == set()
    assert moved(task, "/node") is task
