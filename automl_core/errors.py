"""Errors that a user can do something about.

    AutoMLError             message and hint, shown as they are; the command line exits with 2
      TableError            the uploaded table cannot be used as it is
      SpecError             what was asked for makes no sense (target, metric, budget ...)
      RunError              a run folder cannot be opened, started or continued
      ModelError            a model file is damaged, foreign, or does not fit the table
      OutOfMemoryError      a model could not be trained in the memory that there is
      LibraryError          a model's library cannot be loaded
      TimeOverError         a model's time was over before it had learned anything
      StorageError          a file cannot be written: the disk is full, read-only or gone
      AccessError           somebody asks for what is not theirs, or for more than they may have

Anything else that is raised is a bug and reaches the log with its traceback.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class AutoMLError(Exception):
    """An error in words for a user: what happened (`message`) and what to do next (`hint`)."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class TableError(AutoMLError):
    """The table cannot be used as it is."""


class SpecError(AutoMLError):
    """Something was asked for that makes no sense for this table."""


class RunError(AutoMLError):
    """A run cannot be opened, started or continued."""


class ModelError(AutoMLError):
    """A model file is damaged, foreign, or does not fit the table."""


class OutOfMemoryError(AutoMLError):
    """A model could not be trained in the memory that there is."""


class LibraryError(AutoMLError):
    """The library that a model needs cannot be loaded."""


class TimeOverError(AutoMLError):
    """A model's time was over before it had learned anything."""


class StorageError(AutoMLError):
    """A file cannot be written: the disk is full, read-only or gone."""


class AccessError(AutoMLError):
    """Somebody asks for what is not theirs, or for more than they may have."""


def closest(name: str, valid: Iterable[str]) -> str | None:
    """The valid name that is spelled most like `name`; None where none is close."""
    close = difflib.get_close_matches(str(name), [str(v) for v in valid], n=1)
    return close[0] if close else None


def did_you_mean(name: str, valid: Iterable[str]) -> str:
    """A hint that names the closest valid name, or lists up to ten valid ones."""
    names = [str(v) for v in valid]
    if close := closest(name, names):
        return f"Did you mean {close!r}?"
    shown = ", ".join(repr(n) for n in names[:10]) + (" ..." if len(names) > 10 else "")
    return f"Expected one of: {shown}."
