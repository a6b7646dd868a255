"""Findings that warn, as lines for people: what `train` says of a table before it starts."""

from __future__ import annotations

import pyarrow as pa

from automl_core.cli.text import say
from automl_core.table import Schema, sample_rows
from automl_core.table.checks import find_problems
from automl_core.types import Severity

LOOK = 20_000
"""Rows, evenly spaced, that are looked at; what `inspect` says rests on all of them."""


def say_warnings(table: pa.Table, schema: Schema, target: str) -> None:
    """Say each finding that warns and waits for a decision, with what to do."""
    for finding in find_problems(table, schema, target, sample_rows(table, LOOK), copies=()):
        if finding.state == "to_review" and finding.severity != "info":
            say(Severity.WARNING, f"{finding.message} {finding.fix}".rstrip())
