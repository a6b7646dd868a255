"""Samples: shuffled copies, constants and copies, a bound on cells."""

from __future__ import annotations

import numpy as np

from automl_core.feature_selection.sample import Sample, at_most, with_shadows, without_reason
from automl_core.table.typed_table import TypedColumn, TypedTable
from tests.feature_selection.generated import question, table, words


def test_a_shuffled_copy_has_the_same_cells_in_another_order() -> None:
    sample, names = table(50, 1)
    both, wider = with_shadows(sample, question(names), np.random.default_rng(0))
    assert len(wider.columns) == 2 * len(names)
    for column, copy in zip(wider.columns, wider.columns[len(names) :], strict=False):
        own, shuffled = (both.typed.columns[c.name].numbers for c in (column, copy))
        assert own is not None
        assert shuffled is not None
        assert sorted(own) == sorted(shuffled)
        assert (own != shuffled).any()


def test_constants_and_copies_are_named() -> None:
    missing = np.array([1.0, np.nan, 3.0])
    columns = {
        "a": TypedColumn("a", numbers=missing),
        "b": TypedColumn("b", numbers=missing.copy()),
        "same": TypedColumn("same", numbers=np.full(3, np.nan)),
        "long": words("long", ["red", "blue", "red"]),
        "short": words("short", ["r", "b", "r"]),
        "other": words("other", ["r", "b", "b"]),
    }
    sample = Sample(TypedTable(columns, 3), np.zeros(3, np.int64), None)
    asked = question(list(columns), words=("long", "short", "other"))
    assert without_reason(sample, asked.columns) == {
        "b": ("copy", "a"), "same": ("constant", ""), "short": ("copy", "long"),
    }  # fmt: skip


def test_a_missing_word_is_not_a_value() -> None:
    codes = np.array([0, -1, 1], dtype=np.int32)
    columns = {
        "holes": TypedColumn("holes", codes=codes, words=("x", "y")),
        "full": words("full", ["x", "z", "y"]),
    }
    sample = Sample(TypedTable(columns, 3), np.zeros(3, np.int64), None)
    asked = question(list(columns), words=("holes", "full"))
    assert without_reason(sample, asked.columns) == {}


def test_many_cells_are_cut_to_fewer_rows() -> None:
    sample, _ = table(3_000, 6)
    cut = at_most(sample, 15_000, 0)
    assert len(cut) == 1_500
    assert at_most(sample, 10, 0).typed.rows == 1_000
    assert at_most(sample, 10**9, 0) is sample


def test_rows_that_belong_together_are_dealt_into_one_part() -> None:
    sample, _ = table(300, 1)
    parted = np.arange(300) // 7
    sample = Sample(sample.typed, sample.y, None, parted)
    parts = sample.parts(3, np.random.default_rng(0))
    assert sorted(np.concatenate(parts)) == list(range(300))
    assert max(map(len, parts)) - min(map(len, parts)) <= 14
    for one in parts:
        others = np.setdiff1d(np.arange(300), one)
        assert not set(parted[one]) & set(parted[others])
        assert sample.take(one).parted is not None
