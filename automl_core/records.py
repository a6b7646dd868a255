"""Frozen records to plain JSON data and back, strictly.

A record is a frozen dataclass of plain values, tuples, dicts with string keys and other
records. Unknown keys, missing keys and wrong types are refused by name: a file that was
written by a newer version must never be half understood.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

from automl_core.errors import AutoMLError, did_you_mean

T = TypeVar("T")


class RecordError(AutoMLError):
    """Stored data does not have the shape of the record it should be."""


def to_plain(value: Any) -> Any:
    """The record as dicts, lists and scalars that `json` can write."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, (list, tuple)):
        return [to_plain(v) for v in value]
    if isinstance(value, dict):
        return {k: to_plain(v) for k, v in value.items()}
    return value


def from_plain(cls: type[T], plain: Any) -> T:
    """The record of type `cls` that `to_plain` wrote.

    Raises RecordError, naming the key, where the data does not fit the record.
    """
    return typing.cast(T, _read(cls, plain, cls.__name__))


@cache
def _fields(cls: type) -> dict[str, tuple[Any, bool]]:
    hints = typing.get_type_hints(cls)
    missing = dataclasses.MISSING
    return {
        f.name: (hints[f.name], f.default is missing and f.default_factory is missing)
        for f in dataclasses.fields(cls)
    }


def _read_record(cls: type, plain: Any, where: str) -> Any:
    if not isinstance(plain, dict):
        raise RecordError(f"{where} should be an object, got {type(plain).__name__}.")
    fields = _fields(cls)
    for key in plain:
        if key not in fields:
            raise RecordError(f"{where} has the unknown key {key!r}.", did_you_mean(key, fields))
    for name, (_, required) in fields.items():
        if required and name not in plain:
            raise RecordError(f"{where} lacks the key {name!r}.")
    return cls(**{k: _read(fields[k][0], v, f"{where}.{k}") for k, v in plain.items()})


def _read_union(kinds: tuple[Any, ...], plain: Any, where: str) -> Any:
    if plain is None and type(None) in kinds:
        return None
    errors = []
    for kind in kinds:
        if kind is type(None):
            continue
        try:
            return _read(kind, plain, where)
        except RecordError as error:
            errors.append(error.message)
    raise RecordError(errors[0] if errors else f"{where} should be null.")


def _read(kind: Any, plain: Any, where: str) -> Any:
    origin, args = get_origin(kind), get_args(kind)
    if kind is Any:
        return plain
    if dataclasses.is_dataclass(kind):
        return _read_record(typing.cast(type, kind), plain, where)
    if origin is Union or origin is types.UnionType:
        return _read_union(args, plain, where)
    if origin is Literal:
        if plain not in args:
            raise RecordError(f"{where} is {plain!r}.", did_you_mean(str(plain), map(str, args)))
        return plain
    if origin in (tuple, list):
        return _read_sequence(origin, args, plain, where)
    if origin is dict:
        if not isinstance(plain, dict):
            raise RecordError(f"{where} should be an object.")
        return {k: _read(args[1], v, f"{where}[{k!r}]") for k, v in plain.items()}
    return _read_scalar(kind, plain, where)


def _read_sequence(origin: Any, args: tuple[Any, ...], plain: Any, where: str) -> Any:
    if not isinstance(plain, (list, tuple)):
        raise RecordError(f"{where} should be a list, got {type(plain).__name__}.")
    if origin is tuple and not (len(args) == 2 and args[1] is Ellipsis):
        if len(args) != len(plain):
            raise RecordError(f"{where} should have {len(args)} entries, got {len(plain)}.")
        return tuple(_read(a, v, where) for a, v in zip(args, plain, strict=True))
    return origin(_read(args[0], v, f"{where}[{i}]") for i, v in enumerate(plain))


def _read_scalar(kind: Any, plain: Any, where: str) -> Any:
    if kind is float and isinstance(plain, int) and not isinstance(plain, bool):
        return float(plain)
    if isinstance(plain, bool) and kind is not bool:
        raise RecordError(f"{where} should be {kind.__name__}, got {plain!r}.")
    if not isinstance(plain, kind):
        raise RecordError(f"{where} should be {kind.__name__}, got {type(plain).__name__}.")
    return plain
