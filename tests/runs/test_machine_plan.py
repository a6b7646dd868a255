"""What a run would take elsewhere: what its log tells, and what follows from that."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from automl_core.errors import RunError
from automl_core.models import CATALOG, model_spec
from automl_core.runs.machine_plan import (
    CONDUCTED,
    MEASURED_ROWS,
    FamilyFits,
    Machines,
    Pace,
    beyond_measured,
    estimate,
    growth,
    measured_pace,
    trials_within,
)
from automl_core.runs.record import events as e
from automl_core.runs.record.folder import RunFolder
from automl_core.runs.record.log import LogWriter
from automl_core.types import Origin, RunStatus
from tests.finished_run import make_run

PACE = Pace(
    rows=10_000,
    trained=8_000,
    trials=10,
    workers=2,
    families=(FamilyFits("lightgbm", 40, 80.0, 4.0), FamilyFits("mlp", 10, 120.0, 15.0)),
    before=5.0,
    after=3.0,
    busy=0.8,
    cut=0,
)


def test_what_a_log_tells(workspace: Path) -> None:
    pace = measured_pace(make_run(workspace, "run-a", network="mlp"))
    assert (pace.trials, pace.fits, pace.workers) == (2, 4, 1)  # without the baseline
    assert pace.families == (FamilyFits("lightgbm", 2, 1.2, 0.6), FamilyFits("mlp", 2, 1.2, 0.6))
    assert (pace.before, pace.after, pace.cut) == (2.0, 6.5, 0)
    assert 0 < pace.trained < pace.rows


def _only_the_baseline(folder: RunFolder) -> None:
    log = LogWriter(folder.log_path)
    log.append(e.RunStarted(9.0, None, 2, 200, 40, 0, 1), 0.0)
    log.append(e.TrialStarted(0, "constant", "constant", {}, Origin.BASELINE), 1.0)
    log.append(e.FoldFinished(0, 0, 0.5, "completed", 0.1), 1.5)
    log.append(e.RunFinished(RunStatus.FINISHED, "", 0, None, None, None), 2.0)
    log.close()


def _on_a_gpu(folder: RunFolder) -> None:
    log = LogWriter(folder.log_path)
    log.append(e.RunStarted(9.0, None, 2, 200, 40, 0, 1), 0.0)
    log.append(e.Workers("cuda: NVIDIA", 2, 0, 0), 0.5)
    log.append(e.RunFinished(RunStatus.FINISHED, "", 0, None, None, None), 2.0)
    log.close()


def _goes_on_again(folder: RunFolder) -> None:
    _only_the_baseline(folder)
    log = LogWriter(folder.log_path)
    log.append(e.RunResumed(20.0, 1), 2.5)
    log.close()


def test_fits_that_took_no_time_leave_a_plan(workspace: Path) -> None:
    folder = make_run(workspace, "run-a", status=RunStatus.RUNNING)
    folder.log_path.unlink()
    log = LogWriter(folder.log_path)
    log.append(e.RunStarted(9.0, None, 1, 200, 40, 0, 1), 0.0)
    log.append(e.TrialStarted(1, "knn-1", "knn", {}, Origin.PORTFOLIO), 1.0)
    log.append(e.FoldFinished(1, 0, 0.5, "completed", 0.0), 1.0)
    log.append(e.RunFinished(RunStatus.FINISHED, "", 1, None, None, None), 2.0)
    log.close()
    pace = measured_pace(folder)
    assert estimate(pace, Machines(1, 1), 10_000, 5).seconds > 0
    assert trials_within(pace, Machines(1, 1), 10_000, 60.0) > 0


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (_only_the_baseline, "no fit"),
        (_on_a_gpu, "on a GPU"),
        (None, "not ended"),
        (_goes_on_again, "not ended"),
    ],
)
def test_a_run_that_cannot_tell_says_why(workspace: Path, make: object, words: str) -> None:
    folder = make_run(workspace, "run-a", status=RunStatus.RUNNING)
    if callable(make):
        folder.log_path.unlink()
        make(folder)
    with pytest.raises(RunError, match=words):
        measured_pace(folder)


def test_the_same_machine_gives_what_the_run_took() -> None:
    found = estimate(PACE, Machines(1, 2), PACE.rows, PACE.trials)
    assert found.seconds == pytest.approx(5 + 200 / 2 / 0.8 + 3)
    assert (found.bound, found.cost) == ("workers", None)
    assert trials_within(PACE, Machines(1, 2), PACE.rows, found.seconds + 1e-6) == PACE.trials


def test_more_workers_and_a_price() -> None:
    found = estimate(PACE, Machines(2, 2, price=3.6), PACE.rows, 20)
    assert found.workers == 4
    assert found.seconds == pytest.approx(5 + 2 * 200 / 4 / 0.8 + 3)
    assert found.cost == pytest.approx(2 * 3.6 * found.seconds / 3600)


@pytest.mark.parametrize(
    ("nodes", "trials", "bound", "training"),
    [
        (1_000, 10, "the longest fit", 15.0),
        (1_000, 1_000, "the conducting process", 100 * 50 * CONDUCTED),
    ],
)
def test_what_more_machines_do_not_shorten(
    nodes: int, trials: int, bound: str, training: float
) -> None:
    found = estimate(PACE, Machines(nodes, 8), PACE.rows, trials)
    assert found.bound == bound
    assert found.seconds == pytest.approx(5 + training + 3)


def test_gpus_train_the_networks_beside_the_others() -> None:
    slow = estimate(PACE, Machines(1, 4, gpus=1, gpu_gain=1.0), PACE.rows, PACE.trials)
    quick = estimate(PACE, Machines(1, 4, gpus=1, gpu_gain=20.0), PACE.rows, PACE.trials)
    assert slow.bound == "GPUs" and slow.seconds == pytest.approx(5 + 120 / 0.8 + 3)
    assert quick.bound == "workers" and quick.seconds == pytest.approx(5 + 80 / 3 / 0.8 + 3)


def test_one_worker_with_a_gpu_trains_all() -> None:
    found = estimate(PACE, Machines(1, 1, gpus=1, gpu_gain=10.0), PACE.rows, PACE.trials)
    assert found.seconds == pytest.approx(5 + (80 + 12) / 0.8 + 3)


def test_more_rows_by_the_familys_power_then_in_proportion() -> None:
    power = model_spec("lightgbm").row_power
    twice = round(2 * PACE.rows)  # 16,000 of them train
    assert growth(PACE, "lightgbm", PACE.rows) == 1.0
    assert growth(PACE, "lightgbm", twice) == pytest.approx(2**power)
    assert growth(PACE, "lightgbm", 10 * twice) == pytest.approx(10 * 2**power)
    assert round(0.8 * twice) == MEASURED_ROWS


def test_beyond_proportion_grow_only_families_that_leave_long_tables_alone() -> None:
    assert all(0 < entry.row_power <= 1 or entry.most_rows for entry in CATALOG)


def test_what_was_not_measured_is_said() -> None:
    same = beyond_measured(PACE, Machines(1, 2), PACE.rows)
    assert len(same) == 1
    cut, far = replace(PACE, cut=7), Machines(4, 8, 1, 12.0)
    said = " ".join(beyond_measured(cut, far, 5_000_000))
    for words in ("500 times", "32 workers", "12 times", "7 of 50 fits"):
        assert words in said
