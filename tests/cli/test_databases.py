"""Databases on the command line: train, inspect and predict ask them, and say what is missing."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from automl_core.cli.main import run_cli
from automl_core.runs.record.folder import RunFolder


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["sqlite:///shop.db"], "what to ask it is missing"),
        (["shop.csv", "--query", "select 1"], "needs the address"),
        (["postgresql://a:$NO_SUCH_NAME_HERE@h/d", "--query", "select 1"], "no environment"),
    ],
)
def test_addresses_and_queries_belong_together(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    line = ["train", *words, "--target", "y", "--trials", "1", "--out", str(tmp_path / "run")]
    assert run_cli(line) == 2
    assert said in capsys.readouterr().err


def test_inspect_and_predict_ask_a_database_and_keep_nothing(
    workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = tmp_path / "shop.db", tmp_path / "out.csv"
    with sqlite3.connect(path) as connection:
        connection.execute("create table sale (x real, y real)")
        connection.executemany("insert into sale values (?, ?)", [(i / 7, i) for i in range(60)])
    connection.close()
    source = [f"sqlite:///{path}", "--query", "select * from sale"]
    words = ["--target", "y", "--trials", "1", "--families", "linear", "--workers", "1"]
    assert run_cli(["train", *source, *words, "--out", str(tmp_path / "run")]) == 0
    before = sorted(workspace.rglob("*"))
    assert run_cli(["inspect", *source, "--target", "y"]) == 0
    assert "60 rows, 2 columns" in capsys.readouterr().out
    asked = [*source[:2], "select x from sale where x < 2"]
    assert run_cli(["predict", str(tmp_path / "run"), *asked, "--out", str(out)]) == 0
    assert len(out.read_text(encoding="utf-8").splitlines()) == 1 + 14
    assert sorted(workspace.rglob("*")) == before
    for command in (["inspect"], ["predict", str(tmp_path / "run"), "--out", str(out)]):
        assert run_cli([*command, source[0]]) == 2
        assert "what to ask it is missing" in capsys.readouterr().err


@pytest.mark.usefixtures("workspace")
def test_train_asks_a_database(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as connection:
        connection.execute("create table sale (x real, y real)")
        rows = [(i / 7, i / 7 + (i % 5)) for i in range(60)]
        connection.executemany("insert into sale values (?, ?)", rows)
    connection.close()
    monkeypatch.setenv("SHOP", str(path))
    words = ["train", "sqlite:///$SHOP", "--query", "select * from sale", "--target", "y"]
    words += ["--trials", "1", "--families", "linear", "--workers", "1"]
    assert run_cli([*words, "--out", str(tmp_path / "run")]) == 0
    assert "Model: " in capsys.readouterr().out
    assert RunFolder(tmp_path / "run").spec().table.settings == {"database": "sqlite, shop.db"}
