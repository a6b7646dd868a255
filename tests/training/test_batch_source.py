"""Batches: a training's own rows, or further ones from the second epoch on."""

from __future__ import annotations

import itertools

import pytest
import torch

from automl_core.training import batch_source
from automl_core.training.batch_source import Batch, BatchSource
from automl_core.training.loop import Loop, TrainingRows
from automl_core.training.loop_state import LoopState
from tests.training.test_loop import SETTINGS, Around, Net

OWN, SIZE = 100, 16


def own() -> Batch:
    x = torch.arange(OWN, dtype=torch.float32)[:, None].repeat(1, 3)
    return Batch(x, x[:, 0], x[:, 0] + 1)


def further(block: int, rows: int, seed: int) -> Batch:
    """Rows with the numbers -1, -2 ...; the third block has too few."""
    first = block * rows
    count = 5 if block == 2 else rows
    x = -torch.arange(first, first + count, dtype=torch.float32)[:, None].repeat(1, 3) - 1 - seed
    return Batch(x, x[:, 0], None)


def numbers(source: BatchSource, epoch: int) -> list[int]:
    found = [source.of(epoch, number).y.tolist() for number in range(OWN // SIZE)]
    return [int(value) for value in itertools.chain.from_iterable(found)]


def test_without_further_rows_each_epoch_has_its_own_in_a_new_order() -> None:
    source = BatchSource(own(), SIZE, 3)
    first, second = numbers(source, 0), numbers(source, 1)
    assert len(set(first)) == len(set(second)) == OWN // SIZE * SIZE
    assert first != second and numbers(source, 0) == first
    batch = source.of(0, 2)
    assert batch.weight is not None and (batch.weight == batch.y + 1).all()


def test_later_epochs_have_further_rows_one_after_the_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(batch_source, "BLOCK_CELLS", 4 * SIZE * 3)  # four batches a block
    source = BatchSource(own(), SIZE, 0, further)
    assert min(numbers(source, 0)) >= 0
    assert numbers(source, 1) == [-1 - i for i in range(6 * SIZE)]
    second = numbers(source, 2)
    assert second[: 2 * SIZE] == [-1 - i for i in range(6 * SIZE, 8 * SIZE)]
    assert min(second[2 * SIZE :]) >= 0  # the block that has too few: own rows again
    assert numbers(source, 3)[-SIZE:] == [-1 - i for i in range(17 * SIZE, 18 * SIZE)]


def test_a_training_that_goes_on_sees_the_rows_that_it_would_have_seen() -> None:
    def rows() -> TrainingRows:
        generator = torch.Generator().manual_seed(0)
        x = torch.randn(OWN, 3, generator=generator)

        def read(block: int, count: int, seed: int) -> Batch:
            more = torch.randn(count, 3, generator=torch.Generator().manual_seed(block + seed))
            return Batch(more, more[:, 0], None)

        return TrainingRows("regression", x, x[:, 0], None, read)

    whole, first = Loop(Net(), rows(), SETTINGS), Loop(Net(), rows(), SETTINGS)
    torch.manual_seed(5)
    whole.run(Around(whole).control())
    torch.manual_seed(5)
    first.run(Around(first, stop_after=17).control())
    state = LoopState.from_bytes(first.state().to_bytes())
    second = Loop(Net(), rows(), SETTINGS)
    second.restore(state)
    second.run(Around(second).control())
    for name, value in whole.net.state_dict().items():
        assert torch.equal(value, second.net.state_dict()[name]), name
