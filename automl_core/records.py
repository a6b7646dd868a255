"""Frozen records to plain JSON data and back, strictly.

A record is a frozen dataclass of plain values, tuples, dicts with string keys and other
records. Unknown keys, missing keys and wrong types are refused by name: a file that was
written by a newer version must never be half understood.
"""

from __future__ import annotations

import re
import threading
from typing import Any, TypeVar

import msgspec

from automl_core.errors import AutoMLError, did_you_mean

T = TypeVar("T")

# msgspec looks at a class when it first meets it, and keeps what it has found before it has found
# all: a second thread that met the same class meanwhile would end the process. Reentrant, since
# a record may read another one while it checks itself.
_converting = threading.RLock()


class RecordError(AutoMLError):
    """Stored data does not have the shape of the record it should be."""


def parse_json(data: bytes) -> Any:
    """The plain data in a JSON file; NaN and numbers that are out of range are no JSON.

    Raises RecordError.
    """
    try:
        return msgspec.json.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise RecordError(f"It is no JSON: {error}.") from error


def indented(data: bytes) -> bytes:
    """The same JSON with a line for each value, which people can read."""
    return msgspec.json.format(data, indent=1)


def to_plain(value: Any) -> Any:
    """The record as dicts, lists, tuples and scalars that `json` can write."""
    return msgspec.to_builtins(value, enc_hook=_plain_scalar)


def from_plain(cls: type[T], plain: Any) -> T:
    """The record of type `cls` that `to_plain` wrote.

    Raises RecordError, naming the key, where the data does not fit the record.
    """
    try:
        with _converting:
            record = msgspec.convert(plain, cls)
    except msgspec.ValidationError as error:
        raise RecordError(_message(cls.__name__, str(error))) from None
    if not _says_no_more(plain, record):
        _refuse_unknown(plain, msgspec.to_builtins(record), cls.__name__)
    return record


def _says_no_more(plain: Any, record: Any) -> bool:
    """True where the record is written exactly as it was read; False says nothing.

    The usual case, found in a fraction of the time that a look at every key takes.
    """
    try:
        return msgspec.json.encode(plain) == msgspec.json.encode(record)
    except (TypeError, ValueError, RecursionError):  # no plain data, or a number out of range
        return False


def _plain_scalar(value: Any) -> float | str:
    """NumPy's float64 and str_ are a float and a str, too."""
    for kind in (float, str):
        if isinstance(value, kind):
            return kind(value)
    raise TypeError(f"{type(value).__name__} is no part of a record")


def _message(name: str, message: str) -> str:
    """msgspec's message with the record's name in place of `$`."""
    what, _, path = message.partition(" - at `$")
    where = f"{name}{path.rstrip('`')}"
    missing = re.fullmatch(r"Object missing required field `(.*)`", what)
    if missing:
        return f"{where} lacks the key {missing[1]!r}."
    return f"{where}: {what[0].lower()}{what[1:]}."


def _refuse_unknown(plain: Any, known: Any, where: str) -> None:
    """RecordError where a dict in `plain` has a key that the record made of it does not have."""
    if isinstance(plain, dict):
        for key, value in plain.items():
            if key not in known:
                hint = did_you_mean(key, known)
                raise RecordError(f"{where} has the unknown key {key!r}.", hint)
            if isinstance(value, (dict, list, tuple)):
                _refuse_unknown(value, known[key], f"{where}.{key}")
    else:
        for number, value in enumerate(plain):
            if isinstance(value, (dict, list, tuple)):
                _refuse_unknown(value, known[number], f"{where}[{number}]")
