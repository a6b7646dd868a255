"""The specification of a run: a frozen, versioned record that never changes after the start.

In spec.json the options stand beside the other keys, as version 0.5.0 wrote them.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from automl_core.errors import RunError
from automl_core.records import RecordError, from_plain, to_plain
from automl_core.runs.record.options import RunOptions
from automl_core.types import Task
from automl_core.words import count

FORMAT_VERSION = 1


@dataclass(frozen=True)
class TableLink:
    """The stored table that a run was started on."""

    hash: str  # content hash; the file is tables/<hash>.arrow
    name: str  # what the user called it: the file's name, never used as a path
    rows: int
    settings: dict[str, str]  # how it was read, for people


@dataclass(frozen=True)
class RunSpec:
    """A run, as asked for and completed from the table.

    Roles and parse rules are in the run's schema.json.
    """

    table: TableLink
    target: str
    task: Task
    metric: str
    options: RunOptions
    positive: str | None = None  # label of the positive class, binary only
    test: TableLink | None = None  # a table that is the test set, instead of a share of `table`
    whole: TableLink | None = None  # the longer table that the rows of `table` were drawn from
    format_version: int = FORMAT_VERSION

    @property
    def given(self) -> TableLink:
        """The table that a person gave."""
        return self.whole or self.table

    @property
    def rows_words(self) -> str:
        """How many rows the run has, and of how many they were drawn."""
        if self.whole is None:
            return count(self.table.rows, "row")
        return f"{self.table.rows:,} of {count(self.whole.rows, 'row')}"


_OPTIONS = tuple(field.name for field in fields(RunOptions))
_VALIDATION = ("folds", "test_fraction")  # in spec.json below the key "validation"


def spec_to_plain(spec: RunSpec) -> dict[str, Any]:
    """The spec as spec.json holds it."""
    plain: dict[str, Any] = to_plain(spec)
    options = plain.pop("options")
    validation = {name: options.pop(name) for name in _VALIDATION}
    flat: dict[str, Any] = {**plain, **options, "validation": validation}
    return flat


def spec_from_plain(plain: Any) -> RunSpec:
    """The spec that `spec_to_plain`, or version 0.5.0, wrote.

    Raises RecordError where it is none, RunError where a newer version wrote it.
    """
    if not isinstance(plain, dict):
        raise RecordError("A spec should be an object.")
    flat = dict(plain)
    version = flat.get("format_version", FORMAT_VERSION)
    if isinstance(version, int) and version > FORMAT_VERSION:
        raise RunError(
            f"This run was written by a newer version (format {version}).",
            "Open it with the version that wrote it.",
        )
    validation = flat.pop("validation", {})
    if not isinstance(validation, dict) or not set(validation) <= set(_VALIDATION):
        raise RecordError(f"RunSpec.validation should have the keys {', '.join(_VALIDATION)}.")
    if "budget" not in flat:  # which has a default in a request, but not on disk
        raise RecordError("RunSpec lacks the key 'budget'.")
    options = {name: flat.pop(name) for name in _OPTIONS if name in flat}
    return from_plain(RunSpec, {**flat, "options": options | validation})
