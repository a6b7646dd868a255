"""Columns of a schema: who decided their role, also in files of 0.5.0."""

from __future__ import annotations

from dataclasses import replace

import pytest

from automl_core.errors import TableError
from automl_core.records import from_plain, to_plain
from automl_core.table.schema import CHOSEN, SAME_AS, Column, DecidedBy, ParseRule, Schema


@pytest.mark.parametrize(
    ("reason", "decision"),
    [(CHOSEN, "user"), (SAME_AS + "x", "copy"), ("numbers", "cells"), ("", "cells")],
)
def test_a_column_of_0_5_0_says_in_its_reason_who_decided(reason: str, decision: str) -> None:
    plain = to_plain(Column("x", "ignored", reason, ParseRule("number"), 0, 3))
    del plain["decided_by"]
    assert from_plain(Column, plain).decision == decision


def test_a_decision_does_not_follow_the_words() -> None:
    column = Column("x", "numeric", CHOSEN, ParseRule("number"), 0, 3, decided_by=DecidedBy.CELLS)
    assert column.decision == DecidedBy.CELLS
    assert from_plain(Column, to_plain(column)) == column


def test_digests_tell_schemas_apart_and_cost_nothing_on_disk() -> None:
    columns = tuple(Column(n, "numeric", "", ParseRule("number"), 0, 3) for n in "abc")
    schema = Schema(columns, 9)
    known = schema.digest
    assert Schema(columns, 8).digest != known != Schema(columns[::-1], 9).digest
    changed = schema.with_columns([replace(columns[1], role="ignored")])
    assert changed.digest != known and changed.names == ("a", "b", "c")
    assert changed.with_column(columns[1]).digest == known
    assert from_plain(Schema, to_plain(schema)) == schema
    with pytest.raises(TableError):
        schema.with_columns([replace(columns[1], name="d")])
