"""JSON objects as rows: where in a document they are, and their nested objects as columns.

`{"price": {"low": 1}}` has the column `price.low`; lists stay one cell. Knows nothing of files.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from automl_core.errors import TableError, did_you_mean
from automl_core.table import Decision, shown

Key = str | tuple[str, ...]
"""The name of a value in a record, or the names that lead to it: ("price", "low")."""

_NAMED = 4  # lists that a decision or a message names
_DEEPEST = 8  # objects within objects; what is deeper stays one cell
_MOST_PARTS = 500  # columns of one object: with more, its keys are values themselves
_LIST_KEYS = ("data", "rows", "records", "items", "results", "features")
_WRAPPERS = ("attributes", "_source", "fields", "node", "properties", "record", "row", "doc")
_NUMBERS = ("$numberDecimal", "$numberDouble", "$numberInt", "$numberLong")


def flat_records(
    records: list[dict[str, Any]], whole: set[str]
) -> tuple[list[dict[Key, Any]], list[Key]]:
    """Records with the values of nested objects by the names to them, and all names in order.

    Objects named in `whole` stay one cell; those with too many different keys are added to it.
    """
    while True:
        flat = [_flat_record(record, whole) for record in records]
        names = list(dict.fromkeys(key for record in flat for key in record))
        too_many = objects_kept(names)
        if not too_many:
            return flat, names
        whole |= too_many


def _flat_record(record: dict[str, Any], whole: set[str]) -> dict[Key, Any]:
    if dict not in {*map(type, record.values())}:
        return record  # type: ignore[return-value]
    flat: dict[Key, Any] = {}
    for name, value in record.items():
        if type(value) is dict and name not in whole:
            _flatten(value, (name,), flat)
        else:
            flat[name] = value
    return flat


def column_name(key: Key) -> str:
    """The name of the column of these values: "price.low"."""
    return key if isinstance(key, str) else ".".join(key)


def objects_kept(keys: Iterable[Key]) -> set[str]:
    """Names of objects that stay one cell each, as their keys are too many to be columns."""
    counts: dict[str, int] = {}
    for key in keys:
        if not isinstance(key, str):
            counts[key[0]] = counts.get(key[0], 0) + 1
    return {name for name, count in counts.items() if count > _MOST_PARTS}


@dataclass(frozen=True)
class ChosenRecords:
    """The part of a document that was taken as its table, and why."""

    records: Any
    name: str = ""  # the names that lead to it, "data.items"; "" for the document itself
    names: tuple[str, ...] = ()  # of all lists of objects in the document
    decision: Decision | None = None  # None where it is the document itself


def choose_records(document: Any, wanted: str = "") -> ChosenRecords:
    """The list of objects named `wanted`, or where that is "" the part that is a table.

    Raises TableError for a name that leads to no list of objects.
    """
    lists = _named_lists(document, _DEEPEST) if isinstance(document, dict) else {}
    names = tuple(lists)
    if wanted:
        if wanted not in lists:
            what = f"The JSON has no list of objects under {wanted!r}."
            hint = did_you_mean(wanted, names) or f"It has: {', '.join(names[:_NAMED]) or 'none'}."
            raise TableError(what, hint)
        return ChosenRecords(_unwrapped(lists[wanted]), wanted, names)
    found = find_records(document)
    name = next((n for n, v in lists.items() if found is v or found == _unwrapped(v)), "")
    if not name:
        return ChosenRecords(found, "", names)
    return ChosenRecords(found, name, names, _decision(name, lists))


def _decision(name: str, lists: dict[str, list[Any]]) -> Decision:
    taken = len(lists[name])
    others = {other: len(found) for other, found in lists.items() if other != name}
    why = f"The {taken:,} objects of this list are the rows."
    if others:
        listed = "; ".join(f"{shown(n)} ({rows:,} rows)" for n, rows in [*others.items()][:_NAMED])
        more = len(others) - _NAMED
        why += f" Others: {listed}{f'; and {more:,} more' if more > 0 else ''}."
    rivals = [other for other, rows in others.items() if 2 * rows >= taken]
    return Decision("sheet", name, why, max(rivals, key=others.__getitem__, default=""))


def _named_lists(document: dict[str, Any], deepest: int, path: str = "") -> dict[str, list[Any]]:
    """All lists of objects in an object and the objects in it, by the names that lead to them."""
    found = {path + key: value for key, value in document.items() if _is_list_of(value, dict)}
    if deepest:
        for key, value in document.items():
            if isinstance(value, dict):
                found |= _named_lists(value, deepest - 1, f"{path}{key}.")
    return found


def find_records(document: Any) -> Any:
    """The part of a document that is a table: a list of rows, or an object of columns.

    The document itself where it is one, or where nothing in it is.
    """
    if not isinstance(document, dict):
        return _unwrapped(document)
    names, rows = document.get("columns"), document.get("data") or ()
    if _is_list_of(rows, list) and _is_list_of(names, str):  # as pandas splits a frame
        return [names, *rows]
    for key in _LIST_KEYS:
        if _is_list_of(document.get(key), dict) or _is_list_of(document.get(key), list):
            return _unwrapped(document[key])
    if document and all(_is_list_or_object(value) for value in document.values()):
        if _is_list_of(list(document.values()), dict):
            rows = _records_by_key(document)
            if rows is not None:
                return rows
        if not any(_is_list_of(value, dict) for value in document.values()):
            lists = [v for v in document.values() if isinstance(v, list)]
            if lists or not _named_lists(document, _DEEPEST):
                return document
    found = _named_lists(document, _DEEPEST).values()
    return _unwrapped(max(found, key=len)) if found else document


def _records_by_key(document: dict[str, dict[str, Any]]) -> list[dict[str, Any]] | None:
    """Records that stand under their keys, `{"ann": {"age": 3, ...}, ...}`; None for columns.

    Columns under their names hold rows: their keys are numbers, or each column has values of one
    type. In records, types vary within each and agree between them; where all values have one
    type, there are more records than fields. A key that is no number is a value of the record:
    `key`, where no other has that name.
    """
    records = list(document.values())
    fields = list(dict.fromkeys(name for record in records for name in record))
    if all(name.isdecimal() for name in fields):
        return None
    if all(key.isdecimal() for key in document):
        return records
    mixed_records = sum(len(_types(record.values())) > 1 for record in records)
    columns = [_types(record.get(name) for record in records) for name in fields]
    mixed_columns = sum(len(types) > 1 for types in columns)
    if mixed_records == mixed_columns == 0:  # one type throughout: a table is rather long
        by_key = len(records) > len(fields)
    else:
        by_key = len(records) > 1 and mixed_records > mixed_columns
    if not by_key:
        return None
    named = "key" not in fields
    return [{"key": key} | record if named else record for key, record in document.items()]


def _types(values: Iterable[Any]) -> set[type]:
    """The types of values, whole numbers as floats, nothing for null."""
    kinds = {type(value) for value in values} - {type(None)}
    return {float if kind is int else kind for kind in kinds}


def _flatten(value: dict[str, Any], path: tuple[str, ...], flat: dict[Key, Any]) -> None:
    if len(value) == 1:
        (only,) = value
        if only.startswith("$"):  # MongoDB's way to name the type of a value
            flat[path if len(path) > 1 else path[0]] = _typed(only, value[only])
            return
    if not value or len(path) > _DEEPEST:
        flat[path] = value or None
        return
    for name, inner in value.items():
        longer = (*path, name)
        if type(inner) is dict:
            _flatten(inner, longer, flat)
        else:
            flat[longer] = inner


def _typed(kind: str, value: Any) -> Any:
    while isinstance(value, dict) and len(value) == 1:
        kind, value = next(iter(value.items()))
    if kind in _NUMBERS and isinstance(value, str):
        try:
            return int(value) if kind in _NUMBERS[2:] else float(value)
        except ValueError:
            return value
    return value


def _unwrapped(rows: Any) -> Any:
    """Records that are an object under a name that says so, and nothing else, are that object."""
    if not _is_list_of(rows, dict) or any(len(row) != 1 for row in rows):
        return rows
    (name,) = rows[0]
    inner = [row.get(name) for row in rows]
    return inner if name in _WRAPPERS and _is_list_of(inner, dict) else rows


def _is_list_of(value: Any, kind: type) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, kind) for v in value)


def _is_list_or_object(value: Any) -> bool:
    return isinstance(value, (list, dict))
