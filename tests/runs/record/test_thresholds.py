"""A threshold is kept with its model, and counts as long as the model is the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from automl_core.errors import RunError
from automl_core.export import Threshold
from automl_core.runs.record import ENSEMBLE, RunFolder, hold, load_threshold, save_threshold
from automl_core.runs.record.folder import EnsembleRecord, save_ensemble
from automl_core.runs.record.thresholds import FILE
from tests.finished_run import make_run

ONE, OTHER = Threshold("yes", 0.37), Threshold("yes", 0.6)


@pytest.fixture
def folder(workspace: Path) -> RunFolder:
    return make_run(workspace, "kept")


def test_each_model_has_its_own_and_gives_it_back(folder: RunFolder) -> None:
    assert load_threshold(folder, 1) is None
    save_threshold(folder, 1, ONE)
    save_threshold(folder, ENSEMBLE, OTHER)
    again = RunFolder(folder.path)
    assert (load_threshold(again, 1), load_threshold(again, ENSEMBLE)) == (ONE, OTHER)
    save_threshold(folder, 1, None)
    assert (load_threshold(again, 1), load_threshold(again, ENSEMBLE)) == (None, OTHER)
    assert not [name for name in again.unverified() if name == FILE]


def test_it_does_not_pass_to_another_model_of_the_same_name(folder: RunFolder) -> None:
    save_threshold(folder, ENSEMBLE, ONE)
    save_ensemble(folder, EnsembleRecord((1, 2), (0.5, 0.5), 1.0))
    assert load_threshold(folder, ENSEMBLE) is None


def test_a_run_that_goes_on_keeps_none(folder: RunFolder) -> None:
    with hold(folder.path), pytest.raises(RunError, match="goes on"):
        save_threshold(folder, 1, ONE)


def test_a_damaged_file_is_named_and_written_anew(folder: RunFolder) -> None:
    save_threshold(folder, 1, ONE)
    (folder.path / FILE).write_text('{"thresholds": [{"trial": 1}]}')
    with pytest.raises(RunError, match=FILE):
        load_threshold(folder, 1)
    save_threshold(folder, 1, OTHER)
    assert load_threshold(folder, 1) == OTHER
