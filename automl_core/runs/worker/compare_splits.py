"""The comparison task: one small model on a table, validated in two ways, for a page.

Called by `main.py`.
"""

from __future__ import annotations

from pathlib import Path

from automl_core.evaluation import compare_splits
from automl_core.runs.executor import CompareTask
from automl_core.runs.worker.connection import Connection
from automl_core.table import open_table


def compare(task: CompareTask, connection: Connection) -> None:
    """Send the two scores."""
    table = open_table(task.table, Path(task.root), verify=False)
    connection.send(compare_splits(table, task.schema, task.target, task.how, task.column))
