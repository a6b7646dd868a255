"""Decisions about a file are printed; a doubtful one as a question with the flag for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from automl_core.cli.decisions import doubt_words, reading_lines, say_differences, say_doubts
from automl_core.cli.main import run_cli
from automl_core.table import Decision
from automl_core.table.reading.settings import ReadSettings

DOUBT = Decision("header", "yes", "'a' stands above words.", "no")


@pytest.mark.parametrize(
    ("decision", "flag"),
    [
        (DOUBT, "--no-header reads it as no"),
        (Decision("header", "no", "", "yes"), "--header reads it as yes"),
        (Decision("units_row", "yes", "", "no"), "--no-units-row"),
        (Decision("skip_rows", "2", "", "0"), "--skip-rows 0"),
        (Decision("delimiter", "comma", "", "semicolon"), "--delimiter semicolon"),
        (Decision("encoding", "cp1252", "", "cp1250"), "--encoding cp1250"),
    ],
)
def test_a_doubt_names_the_flag_that_changes_it(decision: Decision, flag: str) -> None:
    assert flag in doubt_words(decision)


def test_only_doubts_are_said_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    say_doubts([DOUBT, Decision("delimiter", "comma", "All lines have 2 cells.")])
    said = capsys.readouterr()
    assert said.out == "" and said.err.startswith("Warning: Is the first row a header? Taken as")
    assert said.err.count("\n") == 1


def test_all_settings_are_printed_with_their_reason() -> None:
    settings = ReadSettings("csv", footer_rows=2, units_row=True, decisions=(DOUBT,))
    lines = reading_lines(settings)
    assert "header: yes. 'a' stands above words." in lines
    assert "rows at the end: 2" in lines and "units row: yes" in lines
    assert lines[-1] == doubt_words(DOUBT)


def test_inspect_prints_and_heeds_the_flags(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "t.csv"
    path.write_text("size;rank\n" + "".join(f"{i},5;{i % 7}\n" for i in range(40)))
    assert run_cli(["inspect", str(path)]) == 0
    out = capsys.readouterr().out
    assert "delimiter: semicolon. All 41 lines have 2 cells." in out and "decimal: comma" in out
    assert run_cli(["inspect", str(path), "--no-header", "--json"]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert plain["rows"] == 41 and plain["reading"]["settings"]["header"] == "no"
    for flags, words in (
        (["--delimiter", "ab"], "not one character"),
        (["--sheet", "x"], "without a sheet"),
        (["--encoding", "nope"], "no encoding"),
        (["--skip-rows", "-1"], "whole number"),
    ):
        assert run_cli(["inspect", str(path), *flags]) == 2
        assert words in capsys.readouterr().err


def test_what_was_read_otherwise_of_other_files_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    first = Decision("delimiter", "comma", "All 30 lines have 2 cells.")
    other = Decision("delimiter of 2024.csv", "semicolon", "All 9 lines have 2 cells.")
    say_differences((first, other))
    assert (
        capsys.readouterr()
        .err.strip()
        .endswith("delimiter of 2024.csv: semicolon. All 9 lines have 2 cells.")
    )
    test = (first, Decision("header", "no", "The first row repeats."))
    say_differences(test, "test.csv", (first, Decision("header", "yes", "")))
    assert "header of test.csv: no." in (said := capsys.readouterr().err)
    assert "delimiter" not in said
