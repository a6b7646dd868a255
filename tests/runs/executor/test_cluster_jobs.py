"""Predictions, explanations and files of models on a cluster: the same tasks, the same answers, and
nothing is left there."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pyarrow.csv
import pytest

from automl_core.cli.main import run_cli
from automl_core.errors import ModelError, RunError
from automl_core.export import load_predictor, predictions_table
from automl_core.runs import ExplainRequest, delivered_files, file_of
from automl_core.runs.executor import ScoreTableTask, prediction_service
from automl_core.runs.executor.cluster_frames import CannotConnect, ClusterGone, ShareFile
from automl_core.runs.page_jobs import PageJobs
from automl_core.runs.record import RunFolder
from automl_core.table import open_table, put_table
from tests import small
from tests.finished_run import make_run
from tests.runs.executor.memory_cluster import ADDRESS, MemoryCluster, clusters
from tests.runs.test_more_rows import with_folds

__all__ = ["clusters"]  # fixture


@pytest.fixture
def folder(workspace: Path) -> RunFolder:
    return with_folds(make_run(workspace, "run-a"))


def test_a_table_is_scored_there_and_its_predictions_are_stored_here(
    folder: RunFolder, workspace: Path, clusters: list[MemoryCluster]
) -> None:
    jobs, table, seen = PageJobs(workspace), small.table(50), list[int]()
    stored, files = put_table(table, workspace), delivered_files(folder, 1)
    task = ScoreTableTask(str(workspace), stored, 50, extras=False)
    found = jobs.score_table(task, files, seen.append, ADDRESS).result(timeout=60)
    expected = predictions_table(load_predictor(files), table)
    assert open_table(found.predictions, workspace).equals(expected)
    assert (found.rows, found.all_equal, found.check, seen) == (50, False, None, [50])
    (cluster,) = clusters
    assert cluster.address == ADDRESS and cluster.done == ["ScoreTableTask"]
    assert [r.name for r in cluster.asked if isinstance(r, ShareFile)] == [f"{stored}.arrow"]
    assert cluster.left
    assert not list((workspace / "tables").glob("*.tmp"))
    jobs.close()


def test_a_model_is_explained_and_written_there(
    folder: RunFolder, workspace: Path, clusters: list[MemoryCluster]
) -> None:
    jobs = PageJobs(workspace)
    request = ExplainRequest(seconds=1e-9)
    explained = jobs.explain(folder, 1, request, ADDRESS)
    assert jobs.explain_job(folder, 1) is explained
    assert explained.done.result(timeout=60).explanation.importance is not None
    written = jobs.write_certified("onnx", folder, 1, ADDRESS).result(timeout=60)
    assert written.files == file_of("onnx", folder, 1).package
    with pytest.raises(ModelError, match="Only networks"):
        jobs.write_package(delivered_files(folder, 1), ADDRESS).result(timeout=60)
    kinds = [cluster.done for cluster in clusters]
    assert kinds == [["ExplainTask"], ["CertifiedTask"], ["PackageTask"]]
    with pytest.raises(RunError, match="no such model"):  # nothing begins, and nothing stays
        jobs.explain(folder, 17, request, ADDRESS)
    assert len(clusters) == 4 and all(cluster.left for cluster in clusters)
    jobs.close()


@pytest.mark.parametrize(
    ("report", "words"),
    [
        (CannotConnect("No Ray cluster is running there."), "No Ray cluster is running there"),
        (ClusterGone("its head does not answer any more"), "its head does not answer"),
        (None, "did not start within .* others may use all CPUs"),
    ],
)
def test_a_cluster_that_cannot_do_it_is_said_in_words(
    folder: RunFolder,
    workspace: Path,
    clusters: list[MemoryCluster],
    monkeypatch: pytest.MonkeyPatch,
    report: CannotConnect | ClusterGone | None,
    words: str,
) -> None:
    monkeypatch.setattr(MemoryCluster, "has_room", False)
    monkeypatch.setattr(prediction_service, "START_SECONDS", 0.0 if report is None else 60.0)
    jobs = PageJobs(workspace)
    future = jobs.write_package(delivered_files(folder, 1), ADDRESS)
    if report is not None:
        clusters[0].tell(report)
    with pytest.raises(ModelError, match=words):
        future.result(timeout=60)
    _until(lambda: clusters[0].left)
    jobs.close()


def test_what_nobody_waits_for_any_more_leaves_the_cluster(
    folder: RunFolder,
    workspace: Path,
    clusters: list[MemoryCluster],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(MemoryCluster, "has_room", False)
    jobs = PageJobs(workspace)
    future: Future[Any] = jobs.write_package(delivered_files(folder, 1), ADDRESS)
    _until(future.running)
    jobs.give_up(future)
    with pytest.raises(ModelError, match="cancelled"):
        future.result(timeout=60)
    _until(lambda: clusters[0].left)
    jobs.close()


def test_the_command_line_has_it_done_there(
    folder: RunFolder,
    tmp_path: Path,
    clusters: list[MemoryCluster],
    capsys: pytest.CaptureFixture[str],
) -> None:
    run, rows = folder.path.name, tmp_path / "rows.csv"
    pyarrow.csv.write_csv(small.table(30), rows)
    there, here = tmp_path / "there.csv", tmp_path / "here.csv"
    for out, more in ((there, ["--cluster", ADDRESS]), (here, [])):
        words = ["predict", run, str(rows), "--out", str(out), "--model", "lightgbm-1", "--extras"]
        assert run_cli([*words, *more]) == 0
    assert there.read_bytes() == here.read_bytes()
    for out, more in ((there, ["--cluster", ADDRESS]), (here, [])):
        words = ["export", run, "--format", "onnx", "--out", str(out), "--model", "lightgbm-1"]
        assert run_cli([*words, *more]) == 0
    assert there.read_bytes() == here.read_bytes()
    assert run_cli([*words[:2], "--format", "csv", "--out", str(out), "--cluster", ADDRESS]) == 2
    explain = ["explain", run, "--model", "lightgbm-1", "--seconds", "1", "--cluster", ADDRESS]
    assert run_cli(explain) == 0
    assert "that it did not train on" in capsys.readouterr().out
    assert [c.done for c in clusters] == [["ScoreTableTask"], ["CertifiedTask"], ["ExplainTask"]]
    assert all(cluster.left for cluster in clusters)


def _until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.005)
