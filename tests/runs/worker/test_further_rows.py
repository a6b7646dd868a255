"""Rows of a long table beside the drawn ones: each once in a pass, and none that validates."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from automl_core.features import Encoding
from automl_core.models import FurtherRows
from automl_core.runs.executor import DataLink
from automl_core.runs.setup.run_data import RunData, prepare_run_data
from automl_core.runs.worker import further_rows
from automl_core.runs.worker.dataset import EncodedFold, encode_fold
from automl_core.table.store import load_drawn, open_table
from tests.runs.setup.test_drawn_rows import ASKED, ROWS, long_table
from tests.runs.tables import stored_run

ENCODING = Encoding(category="code", missing="nan", numeric="plain")
STRETCH, BLOCK = 64, 320


@pytest.fixture
def data(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> RunData:
    """A run on drawn rows of a table whose stretches are short."""
    monkeypatch.setattr(further_rows, "STRETCH", STRETCH)
    return prepare_run_data(*stored_run(workspace, long_table(), ASKED), workspace, 1)


def fold_of(data: RunData, link: DataLink | None = None) -> EncodedFold:
    """Its first fold."""
    return encode_fold(link or data.link, data.folds.train[0], data.folds.valid[0], ENCODING)


def blocks(found: FurtherRows, seed: int, first: int, last: int) -> np.ndarray:
    """The encoded numbers of the rows of some blocks."""
    return np.concatenate([found.read(b, BLOCK, seed).x[:, 0] for b in range(first, last)])


def numbers_of(fold: EncodedFold, data: RunData, rows: np.ndarray) -> np.ndarray:
    """The same of rows of the long table, encoded as new rows are."""
    from automl_core.table.parsing import parse_table

    table = open_table(data.link.whole, Path(data.link.root))
    typed = parse_table(table, data.link.columns).take(rows)
    return fold.encoder.encode(typed)[:, 0]


def test_a_pass_has_all_rows_but_those_that_validate_or_test(data: RunData) -> None:
    fold = fold_of(data)
    found = fold.fit.further
    assert found is not None
    drawn = load_drawn(data.link.table, Path(data.link.root))
    held = drawn[np.concatenate([data.folds.valid[0], data.folds.test])]
    every = np.arange(ROWS)
    expected = every[(every % 10 > 0) & ~np.isin(every, held)]
    a_pass = -(-ROWS // STRETCH)  # stretches, five of them a block: the last block begins anew
    seen = blocks(found, 1, 0, -(-a_pass // (BLOCK // STRETCH)))
    assert set(seen.tolist()) == set(numbers_of(fold, data, expected).tolist())


def test_the_order_is_that_of_the_seed(data: RunData) -> None:
    found = fold_of(data).fit.further
    assert found is not None
    again = fold_of(data).fit.further
    assert again is not None
    assert (blocks(found, 1, 0, 3) == blocks(again, 1, 0, 3)).all()
    assert (blocks(found, 2, 0, 1)[:50] != blocks(found, 1, 0, 1)[:50]).any()
    a_block = found.read(0, BLOCK, 1).x[:, 0]
    assert (np.diff(a_block) < 0).any()  # rows of a stretch do not come one after the other
    assert len(found.read(0, 10, 1).y) == 10


def test_targets_and_weights_are_those_of_the_rows(data: RunData) -> None:
    link = replace(data.link, balanced=True)
    fold = fold_of(data, link)
    found = fold.fit.further
    assert found is not None and fold.fit.weight is not None
    block = found.read(3, BLOCK, 1)
    assert block.weight is not None
    by_class = {int(y): w for y, w in zip(fold.fit.y, fold.fit.weight, strict=True)}
    assert block.weight.tolist() == [by_class[int(y)] for y in block.y]
    table = open_table(data.link.whole, Path(data.link.root))
    y, _ = link.coder.encode(table["y"])
    x = numbers_of(fold, data, np.arange(ROWS))
    target = dict(zip(x.tolist(), y.tolist(), strict=True))
    assert block.y.tolist() == [target[value] for value in block.x[:, 0].tolist()]


def test_without_the_long_table_the_drawn_rows_train_alone(data: RunData) -> None:
    (Path(data.link.root) / "tables" / f"{data.link.whole}.arrow").unlink()
    assert fold_of(data).fit.further is None
