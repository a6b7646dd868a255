"""The stored files that a task reads, and the same task for a worker that has them elsewhere."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, TypeVar

from automl_core.runs.executor.tasks import DataLink, EmbedTask, Work
from automl_core.table import stored_names

NODE_FOLDER = "torchlight-node-"  # how the name of a session's folder on a node begins

Record = TypeVar("Record")


def files_of(work: Work) -> set[tuple[str, str]]:
    """The workspace, and the name below its `tables`, of each file that the task reads."""
    found = set()
    for record in _records(work):
        if hasattr(record, "root") and record.table:
            whole = record.whole if isinstance(record, DataLink) else ""
            found |= {(record.root, name) for name in stored_names(record.table, whole)}
    if isinstance(work, EmbedTask) and work.test:
        found |= {(work.data.root, name) for name in stored_names(work.test)}
    return found


def _records(record: Any) -> Iterator[Any]:
    yield record
    for field in dataclasses.fields(record):
        value = getattr(record, field.name)
        if dataclasses.is_dataclass(value):
            yield from _records(value)


def moved(record: Record, root: str) -> Record:
    """The same record for another workspace: in it and in the records inside."""
    changed: dict[str, Any] = {}
    for field in dataclasses.fields(record):  # type: ignore[arg-type]
        value = getattr(record, field.name)
        if field.name == "root":
            changed["root"] = root
        elif dataclasses.is_dataclass(value) and not isinstance(value, type):
            new = moved(value, root)
            if new is not value:
                changed[field.name] = new
    if not changed:
        return record
    return dataclasses.replace(record, **changed)  # type: ignore[type-var]
