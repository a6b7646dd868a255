"""A run on a cluster that goes away: nothing is lost, and the same run goes on here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow.csv
import pytest

from automl_core.cli import foreground, run_cli
from automl_core.runs.executor import Executor, WorkersGoneError
from automl_core.runs.executor.base import ExecutorStatus
from automl_core.runs.executor.results import Message
from automl_core.runs.record import RunFolder, RunReader
from automl_core.types import RunStatus
from tests.runs.inline import DyingExecutor, InlineExecutor
from tests.runs.tables import small_table

ADDRESS, GONE = "10.0.0.1:6379", "The Ray cluster is gone: its head does not answer any more."


class Cluster(DyingExecutor):
    """Goes away after so many fits."""

    def poll(self, timeout: float) -> list[Message]:
        if self._dead:
            raise WorkersGoneError(GONE)
        return super().poll(timeout)

    def status(self) -> ExecutorStatus:
        return replace(super().status(), remarks=("Trains on 2 nodes.",))


def test_a_run_goes_on_here_when_its_cluster_is_gone(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened: list[str | None] = []

    def choose(cluster: str | None, *_: object) -> tuple[Executor, int]:
        opened.append(cluster)
        return (InlineExecutor() if cluster is None else Cluster(5)), 1

    monkeypatch.setattr(foreground, "open_executor", choose)
    table, out = workspace / "small.csv", workspace / "runs" / "one"
    pyarrow.csv.write_csv(small_table(), table)
    words = ["train", str(table), "--target", "answer", "--trials", "2", "--out", str(out)]
    families = ["--families", "lightgbm,extra_trees", "--columns", "all", "--folds", "2"]
    assert run_cli([*words, *families, "--cluster", ADDRESS]) == 2
    said = capsys.readouterr().err
    assert GONE in said and "Trains on 2 nodes." in said and "is interrupted" in said
    assert f"resume {out}" in said
    state = RunReader(RunFolder(out)).refresh()
    assert state.status == RunStatus.INTERRUPTED
    before = {t.number: t.score for t in state.trials.values() if t.usable}
    assert before

    assert run_cli(["resume", str(out)]) == 0
    state = RunReader(RunFolder(out)).refresh()
    assert state.status == RunStatus.FINISHED and opened == [ADDRESS, None]
    assert before.items() <= {t.number: t.score for t in state.trials.values()}.items()
