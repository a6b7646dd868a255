"""The program's log: lines for people or JSON for machines, with run and session, without cells.

The message of an error may quote what a file holds ("could not convert string to float: ..."), so
of a message the log has only the words that the code which raised it wrote there itself; the
traceback, with its lines of source, stays whole. This is done where log records are made: whichever
library logs an error, and whichever handler writes it, no cell of a table is in it.
TORCHLIGHT_LOG_ERRORS=full turns that off.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import CodeType, TracebackType
from typing import Any, TextIO

from automl_core.errors import SpecError
from automl_core.settings import LOG_ERRORS, LOG_FORMAT

LEFT_OUT = "..."
MOST_CAUSES = 8  # errors of one chain that are written
_PHRASE = re.compile(r"[A-Za-z].* |.* [A-Za-z]", re.S)  # words with a blank: no single cell
_ID = re.compile(r"[\w.-]{1,90}")

_run: ContextVar[str] = ContextVar("run", default="")
_session: ContextVar[str] = ContextVar("session", default="")
_make_record = logging.LogRecord

logger = logging.getLogger(__name__)


@contextmanager
def about(run: str = "", session: str = "") -> Iterator[None]:
    """What is logged within, by this thread, is about this run or this session.

    An id that is none, such as text from an address, is left out.
    """
    tokens = [
        (variable, variable.set(value))
        for variable, value in ((_run, run), (_session, session))
        if _ID.fullmatch(value)
    ]
    try:
        yield
    finally:
        for variable, token in tokens:
            variable.reset(token)


def install() -> None:
    """Write this process's log to stderr, as the settings say. Costs nothing twice.

    What ends a thread is logged, too. A wrong setting is a line in the log, not the end.
    """
    guard_records()
    root = logging.getLogger()
    if any(isinstance(handler.formatter, Lines) for handler in root.handlers):
        return
    problem, as_json = "", False
    try:
        as_json = LOG_FORMAT.one_of("text", "json") == "json"
    except SpecError as error:
        problem = str(error)
    handler = logging.StreamHandler()
    handler.setFormatter(Lines(as_json))
    root.addHandler(handler)
    logging.getLogger("automl_core").setLevel(logging.INFO)
    threading.excepthook = _thread_ended
    sys.excepthook = _program_ended
    warnings.showwarning = _show_warning
    if problem:
        logger.warning("%s", problem)


def adopt_loggers() -> None:
    """Let libraries that write lines of their own, such as Streamlit, write them to this log."""
    for known in list(logging.root.manager.loggerDict.values()):
        if isinstance(known, logging.Logger) and not known.propagate:
            for handler in known.handlers[:]:
                known.removeHandler(handler)
            known.propagate = True


def guard_records() -> None:
    """Keep the messages of errors out of every record that this process makes from now on."""
    logging.setLogRecordFactory(_guarded)


def _guarded(*parts: Any) -> logging.LogRecord:
    """A record whose errors are told without what they quote; with its run and session."""
    record = _make_record(*parts)
    record.run, record.session = _run.get(), _session.get()
    if isinstance(record.msg, BaseException):
        record.msg = told(record.msg)
    if isinstance(record.args, tuple):
        record.args = tuple(
            told(value) if isinstance(value, BaseException) else value for value in record.args
        )
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        record.exc_text = traceback_of(error)  # formatters take this where it is there
    return record


class Lines(logging.Formatter):
    """A record as one JSON object, or as lines for people."""

    def __init__(self, as_json: bool) -> None:
        super().__init__()
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        """The record as it stands in the log."""
        run, session = getattr(record, "run", ""), getattr(record, "session", "")
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        message, error = _one_line(record.getMessage()), record.exc_text or ""
        if self._as_json:
            fields = {
                "time": f"{moment}.{int(record.msecs):03d}Z",
                "level": record.levelname.lower(),
                "logger": record.name,
                "message": message,
                "process": record.process,
            }
            found = {"run": run, "session": session, "traceback": error}
            return json.dumps(fields | {key: text for key, text in found.items() if text})
        about_what = "".join(
            f" [{word} {value}]" for word, value in (("run", run), ("session", session)) if value
        )
        line = f"{moment}Z {record.levelname} {record.name}{about_what}: {message}"
        return f"{line}\n{error}" if error else line


def _one_line(text: str) -> str:
    """The text without what would begin another line, or steer a terminal."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def told(error: BaseException) -> str:
    """An error in one line: its kind, and of its message what the program wrote there."""
    words = _words(error)
    return f"{_kind(error)}: {words}" if words else _kind(error)


def traceback_of(error: BaseException) -> str:
    """The error's traceback, and those of its causes, with messages as `told` has them."""
    parts: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    join = ""
    while current is not None and id(current) not in seen and len(seen) < MOST_CAUSES:
        seen.add(id(current))
        frames = "".join(traceback.format_tb(current.__traceback__))
        parts.insert(0, f"Traceback (most recent call last):\n{frames}{told(current)}\n{join}")
        if current.__cause__ is not None:
            current, join = current.__cause__, "\nThe above was the cause of:\n\n"
        elif current.__context__ is not None and not current.__suppress_context__:
            current, join = current.__context__, "\nWhile that was handled, this went wrong:\n\n"
        else:
            break
    return "".join(parts).rstrip("\n")


def _kind(error: BaseException) -> str:
    kind = type(error)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"


def _words(error: BaseException) -> str:
    """Of the error's message what its own code wrote; of the system's errors what it says."""
    # not str(error), which may raise itself
    message = _one_line(str(traceback.TracebackException(type(error), error, None)))
    if not message or _in_full():
        return message
    if isinstance(error, OSError) and error.strerror:
        where = f": {error.filename!r}" if error.filename is not None else ""
        return f"{error.strerror}{where}"
    phrases = sorted(_phrases(error.__traceback__), key=len, reverse=True)
    if not phrases:
        return LEFT_OUT
    found = re.findall("|".join(map(re.escape, phrases)), message)
    known, rest = [], message
    for phrase in found:
        before, _, rest = rest.partition(phrase)
        known += [LEFT_OUT if before.strip() else before, phrase]
    known.append(LEFT_OUT if rest.strip() else rest)
    return "".join(known).strip()


def _in_full() -> bool:
    try:
        return LOG_ERRORS.one_of("words", "full") == "full"
    except SpecError:
        return False


def _phrases(trace: TracebackType | None) -> set[str]:
    """Phrases that stand in the code of the functions which the error came through."""
    found: set[str] = set()
    for frame, _ in traceback.walk_tb(trace):
        found |= _constants(frame.f_code)
    return found


def _constants(code: CodeType) -> set[str]:
    texts = {_one_line(text) for text in code.co_consts if isinstance(text, str)}
    return {text for text in texts if _PHRASE.search(text)}


def _thread_ended(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_value is not None and not isinstance(ended.exc_value, SystemExit):
        name = ended.thread.name if ended.thread else "?"
        logger.critical("the thread %s ended by an error", name, exc_info=ended.exc_value)


def _program_ended(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        logger.critical("the program ended by an error", exc_info=error)


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Where a warning came from; its text may quote cells, and is left out like an error's."""
    del file, line
    words = str(message) if _in_full() else LEFT_OUT
    logger.warning("%s at %s:%d: %s", category.__name__, filename, lineno, words)
