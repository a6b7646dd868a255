"""The log: no cell of a table, whichever library raised what; run and session; JSON or lines."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from automl_core import logs
from automl_core.errors import TableError
from tests.source import ROOT

SECRET = "Maria Secret"  # a cell


def refuse(cell: str) -> None:
    raise TableError(f"The column has a cell {cell!r} that no rule reads.", "Change the rule.")


def caused(cell: str) -> None:
    try:
        float(cell)
    except ValueError as error:
        raise KeyError(cell) from error


FAILURES: dict[str, Callable[[], object]] = {
    "Python": lambda: float(SECRET),
    "a key": lambda: {}[SECRET],
    "Arrow": lambda: pa.array([SECRET]).cast(pa.int64()),
    "pandas": lambda: pd.to_datetime(pd.Series(["2024-01-01", SECRET])),
    "numpy": lambda: np.array([SECRET]).astype(float),
    "ours": lambda: refuse(SECRET),
    "a cause": lambda: caused(SECRET),
}


@pytest.fixture(params=[False, True], ids=["lines", "json"])
def written(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """What the log has, in one of its forms; the process's own log is as it was afterwards."""
    before, root = logging.getLogRecordFactory(), logging.getLogger()
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(logs.Lines(request.param))
    root.addHandler(handler)
    logs.guard_records()
    yield handler.stream
    root.removeHandler(handler)
    logging.setLogRecordFactory(before)


@pytest.mark.parametrize("name", FAILURES)
def test_no_cell_reaches_the_log(name: str, written: io.StringIO) -> None:
    try:
        FAILURES[name]()
    except Exception as error:
        logging.getLogger("any.library").exception("reading failed")
        logging.getLogger("any.library").warning("it failed: %s", error)
        logging.getLogger("any.library").error(error)
    text = written.getvalue()
    assert text.count("reading failed") == 1
    assert "Maria" not in text and "Secret" not in text
    assert "Traceback" in text and "test_logs.py" in text  # what a developer needs stays
    assert "FAILURES[name]()" in text


def test_the_words_of_the_program_stay(written: io.StringIO) -> None:
    with pytest.raises(TableError) as raised:
        refuse(SECRET)
    assert logs.told(raised.value) == (
        "automl_core.errors.TableError: The column has a cell ... that no rule reads. "
        "Change the rule."
    )
    with pytest.raises(FileNotFoundError) as missing:
        (ROOT / "nothing").read_bytes()
    assert logs.told(missing.value).startswith("FileNotFoundError: No such file or directory: '")
    assert not written.getvalue()


def test_messages_in_full_where_the_owner_asks(
    monkeypatch: pytest.MonkeyPatch, written: io.StringIO
) -> None:
    monkeypatch.setenv("TORCHLIGHT_LOG_ERRORS", "full")
    try:
        float(SECRET)
    except ValueError:
        logging.getLogger("a").exception("it failed")
    assert SECRET in written.getvalue()


def test_lines_name_run_and_session_and_stay_one_line(written: io.StringIO) -> None:
    with logs.about(session="5e55"), logs.about(run="20260101-a"):
        logging.getLogger("a").warning("a name: %s", "first\nsecond\x1b[2J")
    with logs.about(run="../../etc/passwd\n"):
        logging.getLogger("a").warning("later")
    first, second = written.getvalue().splitlines()
    assert "20260101-a" in first and "5e55" in first
    assert "\x1b" not in first and "passwd" not in second
    if first.startswith("{"):
        line = json.loads(first)
        assert (line["run"], line["session"], line["level"]) == ("20260101-a", "5e55", "warning")
        assert line["message"] == r"a name: first\nsecond\x1b[2J"
        assert "run" not in json.loads(second)


PROGRAM = """
import logging, sys, threading, warnings
from automl_core import logs
logs.install()
logs.install()
other = logging.getLogger("library")
other.addHandler(logging.StreamHandler())
other.propagate = False
logs.adopt_loggers()
other.warning("adopted")
warnings.warn(sys.argv[1])
thread = threading.Thread(target=float, args=(sys.argv[1],), name="reader")
thread.start()
thread.join()
logging.getLogger("automl_core.x").info("told")
raise ValueError(sys.argv[1])
"""


def test_a_process_writes_all_that_goes_wrong_to_its_log() -> None:
    environment = {"PYTHONPATH": str(ROOT), "TORCHLIGHT_LOG_FORMAT": "json"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, SECRET],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1 and SECRET not in done.stderr
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    told = [line["message"] for line in lines]
    assert told[0] == "adopted" and told[3] == "told"
    assert told[1].startswith("UserWarning at <string>:11")
    assert told[2] == "the thread reader ended by an error"
    assert told[4] == "the program ended by an error" and len(lines) == 5
    assert "ValueError: ..." in lines[4]["traceback"]


def test_a_wrong_setting_is_a_line_not_the_end(capfd: pytest.CaptureFixture[str]) -> None:
    code = "from automl_core import logs; logs.install()"
    environment = {"PYTHONPATH": str(ROOT), "TORCHLIGHT_LOG_FORMAT": "yaml"}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    assert "TORCHLIGHT_LOG_FORMAT is 'yaml'. Give one of: text, json." in capfd.readouterr().err
