"""The gain from corrected labels, on rows whose label nobody touched."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from automl_core.metrics import score
from automl_core.runs.correction_gain import correction_gain
from automl_core.runs.record.events import ENSEMBLE
from automl_core.runs.record.folder import HeldOutScore, Outcome, save_outcome
from tests.corrected_run import ASIDE, FLIPPED, make_corrected_run
from tests.finished_run import ROWS, make_run


def test_only_untouched_rows_are_compared(workspace: Path) -> None:
    earlier = make_run(workspace, "earlier")
    later = make_corrected_run(workspace, earlier, "later")
    assert correction_gain(earlier, 1, workspace) is None  # its table is as it was uploaded
    alone = correction_gain(later, 1, workspace)
    assert alone is not None and alone.compared is None  # no run of the table before has ended
    assert alone.words == "2 labels corrected, 2 rows set aside"
    none = HeldOutScore(None, None, None)
    save_outcome(earlier, Outcome(1, "lightgbm-1", none))
    found = correction_gain(later, 1, workspace)
    assert found is not None and found.compared is not None
    assert found.before == "customers.csv" and found.compared.rows == ROWS - 4
    old = earlier.out_of_fold(1)
    kept = np.delete(np.arange(ROWS), [*FLIPPED, *ASIDE])
    before, after = found.compared.models
    assert before.score == pytest.approx(score("roc_auc", old.y[kept], old.prediction[kept]))
    assert after.score > before.score and after.behind < 0
    save_outcome(earlier, Outcome(ENSEMBLE, "ensemble", none))
    assert correction_gain(later, 1, workspace) is not None


def test_another_question_is_not_compared(workspace: Path) -> None:
    earlier = make_run(workspace, "earlier")
    later = make_corrected_run(workspace, earlier, "later")
    save_outcome(earlier, Outcome(1, "lightgbm-1", HeldOutScore(None, None, None)))
    spec = replace(later.spec(), metric="log_loss")
    later.spec = lambda: spec  # type: ignore[method-assign]
    found = correction_gain(later, 1, workspace)
    assert found is not None and found.compared is None
