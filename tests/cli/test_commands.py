"""inspect, leaderboard, predict and export do what the design says, or say what is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import onnx
import pyarrow.csv
import pyarrow.parquet
import pytest

import automl_core
from automl_core.cli import leaderboard as leaderboard_command
from automl_core.cli.main import run_cli
from automl_core.export import Threshold
from automl_core.export.bundle import open_bundle, read_bundle, write_bundle
from automl_core.export.predictor import Predictor
from automl_core.export.scoring import predictions_table
from automl_core.runs.record import events as e
from automl_core.runs.record import save_threshold
from automl_core.runs.record.folder import RunFolder
from automl_core.runs.record.log import LogWriter
from automl_core.table.reading.read import read_file
from automl_core.types import Files
from tests import small
from tests.finished_run import make_run

ROOT = Path(__file__).resolve().parents[2]
Models = dict[str, tuple[Predictor, Files]]


def _failed(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The one message on stderr of a user's error."""
    assert run_cli(words) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("Error: ") and "Traceback" not in captured.err
    return captured.err


@pytest.fixture
def table_path(tmp_path: Path) -> Path:
    path = tmp_path / "customers.csv"
    pyarrow.csv.write_csv(small.table(), path)
    return path


def test_inspect_json(table_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["inspect", str(table_path), "--target", "churned", "--json"]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert list(plain) == ["rows", "columns", "findings", "reading"] and plain["rows"] == 240
    assert [c["name"] for c in plain["columns"]] == small.table().column_names
    assert all(
        list(c) == ["name", "role", "reason", "missing", "distinct"] for c in plain["columns"]
    )
    keys = ["kind", "columns", "severity", "message", "fix", "state", "rows", "action"]
    assert all(list(f) == keys for f in plain["findings"])
    assert any(f["columns"] == ["empty"] for f in plain["findings"])


def test_inspect_for_people(table_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["inspect", str(table_path)]) == 0
    shown = capsys.readouterr().out
    assert "240 rows, 11 columns" in shown
    assert all(name in shown for name in small.table().column_names)


def test_inspect_says_what_is_wrong(
    table_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "churned" in _failed(["inspect", str(table_path), "--target", "churn"], capsys)
    assert "does not exist" in _failed(["inspect", str(tmp_path / "no.csv")], capsys)
    assert "folder" in _failed(["inspect", str(tmp_path)], capsys)
    (tmp_path / "picture.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4)
    _failed(["inspect", str(tmp_path / "picture.csv")], capsys)
    (tmp_path / "empty.csv").write_bytes(b"")
    _failed(["inspect", str(tmp_path / "empty.csv")], capsys)


def test_control_characters_never_reach_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "t.csv"
    path.write_text("\u202ered,b\n\u202e1,x\n2,y\n\u200f3,z\n", encoding="utf-8")
    assert run_cli(["inspect", str(path), "--target", "b"]) == 0
    shown = capsys.readouterr().out
    assert "red" in shown and "\u202e" not in shown and "\u200f" not in shown
    assert "\x1b" not in _failed(["inspect", "\x1b[31m.csv"], capsys)
    assert "\x1b" not in _failed(["inspect", str(path), "--target", "\x1b[31m"], capsys)


def test_leaderboard_json(run: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    for name in (run.path.name, str(run.path)):
        assert run_cli(["leaderboard", name, "--json"]) == 0
        rows = json.loads(capsys.readouterr().out)
        assert all(tuple(row) == leaderboard_command.FIELDS for row in rows)
        assert [r["name"] for r in rows[:2]] == ["lightgbm-1", "constant-1"]
        assert rows[0] == {
            "name": "lightgbm-1", "family": "lightgbm", "status": "finished",
            "score": 0.93, "metric": "roc_auc", "train_seconds": 1.5,
            "predict_ms_per_row": 0.01, "size_bytes": 12_345,
        }  # fmt: skip
        statuses = {r["name"]: (r["status"], r["score"]) for r in rows[2:]}
        assert statuses == {
            "mlp-1": ("pruned", None), "linear-1": ("failed", None), "mlp-2": ("running", None),
        }  # fmt: skip


def test_leaderboard_for_people(run: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["leaderboard", run.path.name]) == 0
    shown = capsys.readouterr().out
    assert "lightgbm-1" in shown and "+86 %" in shown and "infinite" in shown
    assert "no-such-run" in _failed(["leaderboard", "no-such-run"], capsys)


def test_the_ensemble_leads_the_leaderboard(
    run: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    writer = LogWriter(run.log_path)
    writer.append(e.EnsembleSolved(0.94, (1, 0), (0.75, 0.25), 1.0, 2, 0.02, 24_000), 7.0)
    writer.close()
    assert run_cli(["leaderboard", run.path.name, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [r["name"] for r in rows[:3]] == ["ensemble", "lightgbm-1", "constant-1"]
    assert tuple(rows[0]) == leaderboard_command.FIELDS
    assert (rows[0]["family"], rows[0]["score"]) == ("ensemble", 0.94)
    assert (rows[0]["predict_ms_per_row"], rows[0]["size_bytes"]) == (0.02, 24_000)
    assert run_cli(["leaderboard", run.path.name]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.split()[:2] == ["1", "ensemble"] for line in lines)
    assert any(line.startswith("ensemble: average of 2 trials") for line in lines)


def _expected(models: Models, name: str, rows: Path) -> pyarrow.Table:
    return predictions_table(models[name][0], read_file(rows, rows.name)[0])


def test_predict_with_a_run(
    run: RunFolder, models: Models, new_rows: Path, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    out = tmp_path / "out" / "PREDICTIONS.csv"
    assert run_cli(["predict", run.path.name, str(new_rows), "--out", str(out)]) == 0
    assert pyarrow.csv.read_csv(out).equals(_expected(models, "lightgbm-1", new_rows))
    captured = capsys.readouterr()
    # the rows lack `empty`, which no encoder reads
    assert "30 predictions" in captured.out and "missing" not in captured.err
    words = ["predict", str(run.path), str(new_rows), "--out", str(out), "--model", "constant-1"]
    assert run_cli(words) == 0
    assert pyarrow.csv.read_csv(out).equals(_expected(models, "constant-1", new_rows))


def test_predict_says_by_which_threshold(
    run: RunFolder, models: Models, new_rows: Path, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    save_threshold(run, 1, Threshold("yes", 0.9))
    out = tmp_path / "p.csv"
    assert run_cli(["predict", str(run.path), str(new_rows), "--out", str(out)]) == 0
    assert "called “yes” where its probability is above 0.9" in capsys.readouterr().out
    chances = _expected(models, "lightgbm-1", new_rows).column("probability_yes").to_pylist()
    answers = pyarrow.csv.read_csv(out).column("prediction").to_pylist()
    assert answers == ["yes" if p > 0.9 else "no" for p in chances]


def test_missing_columns_are_an_error_unless_they_are_allowed(
    run: RunFolder, models: Models, new_rows: Path, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    table = pyarrow.csv.read_csv(new_rows).drop_columns(["age"])
    rows, out = tmp_path / "fewer.csv", tmp_path / "p.csv"
    order = [*reversed(table.column_names)]
    pyarrow.csv.write_csv(table.select(order), rows)
    words = ["predict", run.path.name, str(rows), "--out", str(out)]
    message = _failed(words, capsys)
    assert "is missing: 'age'" in message and "--allow-missing" in message and not out.exists()
    assert run_cli([*words, "--allow-missing"]) == 0
    assert "'age' is missing" in capsys.readouterr().err
    assert pyarrow.csv.read_csv(out).equals(_expected(models, "lightgbm-1", rows))


def test_predicting_with_a_bundle_leaves_no_workspace_behind(
    models: Models, new_rows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle, out = tmp_path / "model.zip", tmp_path / "p.csv"
    bundle.write_bytes(write_bundle(models["constant-1"][1], {}))
    monkeypatch.setenv("TORCHLIGHT_WORKSPACE", str(tmp_path / "none"))
    assert run_cli(["predict", str(bundle), str(new_rows), "--out", str(out)]) == 0
    assert out.exists() and not (tmp_path / "none").exists()


def test_extras_go_into_the_file_and_the_whole_is_compared(
    workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, rows, out = make_run(workspace, "done"), tmp_path / "new.csv", tmp_path / "p.parquet"
    table = small.table(200, seed=5)
    older = pyarrow.array([age + 40 for age in table.column("age").to_pylist()])
    pyarrow.csv.write_csv(table.set_column(0, "age", older), rows)
    assert run_cli(["predict", str(folder.path), str(rows), "--out", str(out), "--extras"]) == 0
    said = capsys.readouterr().out
    assert "1 of 7 columns has moved far from training: 'age'" in said
    assert "'age' is higher than in training" in said and "200 predictions" in said
    assert "The score" in said
    scored = pyarrow.parquet.read_table(out)
    assert scored.num_rows == 200 and "unlike_columns" in scored.column_names
    assert "age" in "".join(scored.column("unlike_columns").to_pylist())


def test_export_then_predict_with_the_bundle(
    run: RunFolder, models: Models, new_rows: Path, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    bundle, out = tmp_path / "model.zip", tmp_path / "p.csv"
    assert run_cli(["export", run.path.name, "--format", "bundle", "--out", str(bundle)]) == 0
    packed = read_bundle(bundle)
    assert packed.pop("selftest.json") and packed == models["lightgbm-1"][1]
    info = open_bundle(bundle)[1].info
    assert info["model"] == "lightgbm-1" and info["score"] == 0.93
    words = ["predict", str(bundle), str(new_rows), "--out", str(out)]
    done = subprocess.run(
        [sys.executable, "-m", "automl_core", *words],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr and "UserWarning" not in done.stderr
    assert "missing" not in done.stderr
    assert pyarrow.csv.read_csv(out).equals(_expected(models, "lightgbm-1", new_rows))
    assert run_cli([*words, "--model", "lightgbm-1"]) == 0
    frame = automl_core.load(bundle).predict(new_rows)
    assert frame.to_dict("list") == _expected(models, "lightgbm-1", new_rows).to_pydict()
    capsys.readouterr()
    assert "lightgbm-1" in _failed([*words, "--model", "mlp-9"], capsys)


def test_export_as_onnx_of_a_run_and_of_a_bundle(
    run: RunFolder, models: Models, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle, file = tmp_path / "model.zip", tmp_path / "model.onnx"
    assert run_cli(["export", run.path.name, "--format", "bundle", "--out", str(bundle)]) == 0
    capsys.readouterr()
    for source in (run.path.name, str(bundle)):  # the run's table is not at hand either
        assert run_cli(["export", source, "--format", "onnx", "--out", str(file)]) == 0
        said = capsys.readouterr().out
        assert f"lightgbm-1 written to {file}" in said and "1,000 typical rows" in said
        assert "Every label agrees." in said
        assert onnx.load(str(file)).metadata_props
    words = ["export", str(bundle), "--format", "onnx", "--out", str(tmp_path / "with-scorer.zip")]
    assert run_cli(words) == 0
    assert {"model.onnx", "score.py"} <= set(zipfile.ZipFile(words[-1]).namelist())
    words = ["export", str(bundle), "--format", "onnx", "--out", str(file), "--model", "mlp-9"]
    assert "lightgbm-1" in _failed(words, capsys)
    words = ["export", str(bundle), "--format", "bundle", "--out", str(file)]
    assert "no run" in _failed(words, capsys)
    assert models


def test_predict_and_export_say_what_is_wrong(
    run: RunFolder, new_rows: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows, out = str(new_rows), str(tmp_path / "p.csv")
    name = run.path.name
    assert "no model file" in _failed(["predict", "absent.zip", rows, "--out", out], capsys)
    assert "no run" in _failed(["predict", "absent", rows, "--out", out], capsys)
    assert "does not exist" in _failed(["predict", name, "absent.csv", "--out", out], capsys)
    assert "not a Torchlight model" in _failed(["predict", rows, rows, "--out", out], capsys)
    for model in ("mlp-1", "linear-1", "mlp-2", "nonsense"):
        words = ["predict", name, rows, "--out", out, "--model", model]
        assert model in _failed(words, capsys)
    assert "written" in _failed(["predict", name, rows, "--out", str(tmp_path)], capsys)
    blocked = str(new_rows / "below a file.csv")
    assert "written" in _failed(["predict", name, rows, "--out", blocked], capsys)
    export = ["export", name, "--format", "bundle", "--out", str(tmp_path)]
    assert "written" in _failed(export, capsys)
    strange = tmp_path / "strange.csv"
    strange.write_text("a,b\n1,2\n3,4\n")
    message = _failed(["predict", name, str(strange), "--out", out], capsys)
    assert "None of the columns" in message and "'age'" in message and "'a', 'b'" in message
    assert not Path(out).exists()


def test_what_a_run_has_lost_is_said_in_the_same_words_everywhere(
    run: RunFolder, new_rows: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = run.log_path.read_bytes().splitlines(keepends=True)
    run.log_path.write_bytes(b"".join(line for line in lines if b'"trial":2' not in line))
    words = "2 of 10 records of this run's log are damaged; scores of trials 2 and 4 may be missing"
    path, out = str(run.path), str(tmp_path / "out")
    for command in (
        ["leaderboard", path],
        ["leaderboard", path, "--json"],
        ["predict", path, str(new_rows), "--out", out],
        ["export", path, "--format", "bundle", "--out", out],
    ):
        assert run_cli(command) == 0
        assert f"Warning: {words}" in capsys.readouterr().err, command
    opened = automl_core.open_run(path)
    for ask in (opened.model, opened.leaderboard):
        with pytest.warns(UserWarning, match=words):
            ask()


def test_a_run_without_models(
    run: RunFolder, new_rows: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run.log_path.write_bytes(run.log_path.read_bytes().splitlines(keepends=True)[0])
    words = ["predict", run.path.name, str(new_rows), "--out", "x.csv"]
    assert "no finished model yet" in _failed(words, capsys)
    assert run_cli(["leaderboard", run.path.name, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_a_bug_is_one_sentence_and_a_log(
    run: RunFolder, workspace: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    def broken(*_: object) -> None:
        raise ZeroDivisionError("deep inside")

    monkeypatch.setattr(leaderboard_command, "build_leaderboard", broken)
    assert run_cli(["leaderboard", run.path.name]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "Traceback" not in error and "torchlight.log" in error
    log = (workspace / "torchlight.log").read_text()
    assert "Traceback" in log and "deep inside" in log


def test_interrupt_and_closed_pipe(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(leaderboard_command, "build_leaderboard", interrupted)
    assert run_cli(["leaderboard", run.path.name]) == 130
    assert "Traceback" not in capsys.readouterr().err
    line = f"{sys.executable} -m automl_core leaderboard {run.path} | head -c 1"
    done = subprocess.run(
        ["bash", "-c", line], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""


def test_a_test_table_that_is_not_there_is_named(
    table_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["train", str(table_path), "--target", "churned", "--trials", "1"]
    words += ["--out", str(tmp_path / "run"), "--test", str(tmp_path / "later.csv")]
    assert "later.csv' is not a file" in _failed(words, capsys)


def test_train_takes_several_files_and_says_which_does_not_fit(
    table_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n")
    words = ["train", str(table_path), str(other), "--target", "churned", "--trials", "1"]
    said = _failed([*words, "--out", str(tmp_path / "run")], capsys)
    assert "'other.csv' has other columns" in said
