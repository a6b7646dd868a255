"""The table's columns as inputs of a Keras model, and the layers that look their words up."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from automl_core.features import UNSPACED_SCRIPTS
from automl_core.keras_export.search import place_of_number, place_of_word, word_width
from automl_core.keras_export.sums import added
from automl_core.keras_export.tables import Tables
from automl_core.onnx_export.encoders import ROW, Vocabularies
from automl_core.table import Column
from automl_core.table.parsing import BETWEEN, SIGNALS

SPACE = ord(" ")
LETTERS = 0x40000
"""No script has letters beyond."""


@dataclass(frozen=True)
class ModelInput:
    """An input of the model, and of what cells it is made; arrays.py makes it.

    "number": (rows,); "signals": (rows, width); "word": characters (rows, width); "items" and
    "words": those that the pattern finds, characters (rows, m, width); "characters": (rows, c).
    """

    name: str
    source: str  # "column:NAME" or "signals:NAME" of the typed cells
    column: str
    kind: str  # of the column
    form: str
    width: int = 0
    pattern: str = ""


def model_inputs(
    columns: Sequence[Column], known: Vocabularies, asked: Sequence[str]
) -> tuple[ModelInput, ...]:
    """The inputs in front of a graph whose own inputs are `asked`, see `PlaceInputs`."""
    found = [one for column in columns for one in _of_column(column, known, asked)]
    return _with_safe_names(found or [ModelInput(ROW, ROW, "", "number", "number")])


def input_tensor(keras: Any, one: ModelInput) -> Any:
    """A Keras input, (rows, ...)."""
    shapes = {
        "number": (), "signals": (one.width,), "word": (one.width,), "characters": (None,),
        "items": (None, one.width), "words": (None, one.width),
    }  # fmt: skip
    dtype = {"number": "float64", "signals": "float32"}.get(one.form, "int32")
    return keras.Input(shapes[one.form], dtype=dtype, name=one.name)


def graph_values(
    keras: Any, tables: Tables, one: ModelInput, x: Any, known: Vocabularies
) -> dict[str, Any]:
    """The values of the graph that an input x gives, by the graph's names."""
    ops, name = keras.ops, one.column
    if one.form in ("number", "signals"):
        return {one.source: x}
    if one.form == "characters":
        return _of_characters(keras, tables, name, x, known.characters.get(name, ()))
    layer = f"words_{_as_identifier(one.name)}"
    cells = known.cells if one.form == "word" else known.tokens
    place = place_of_word(keras, tables, cells.get(name, ()), x, layer)
    if one.form == "words":
        return {f"tokens:{name}": place}
    filled = ops.not_equal(x[..., 0], np.array([0], np.int32))
    if one.form == "items":
        items = ops.sum(ops.cast(filled, "int64"), axis=1, keepdims=True)
        return {f"tokens:{name}": place, f"items:{name}": items}
    if one.kind != "text":  # a text may be empty without being missing
        place = ops.where(filled, place, np.array([len(cells.get(name, ())) + 1]))
    return {f"codes:{name}": ops.expand_dims(place, axis=1)}


def _of_characters(
    keras: Any, tables: Tables, name: str, x: Any, alphabet: Sequence[str]
) -> dict[str, Any]:
    """Places in the alphabet between two spaces, and the number of words, as text is trimmed."""
    ops, none, space = keras.ops, np.array([0], np.int32), np.array([SPACE], np.int32)
    spaces = ops.sum(ops.cast(ops.equal(x, space), "int64"), axis=1, keepdims=True)
    some = ops.cast(ops.not_equal(x[:, :1], none), "int64")
    padded = ops.pad(
        ops.where(ops.equal(x, none), space, x), ((0, 0), (1, 1)), constant_values=SPACE
    )
    found = {f"words:{name}": added(ops, spaces, some)}
    if alphabet:
        keys = np.array([ord(character) for character in alphabet], np.int32)
        places = np.arange(len(keys))
        place = place_of_number(keras, tables, keys, padded, places, len(keys))
        found[f"characters:{name}"] = place
    return found


def _of_column(column: Column, known: Vocabularies, asked: Sequence[str]) -> Iterator[ModelInput]:
    name, kind, source = column.name, column.parse.kind, f"column:{column.name}"
    own = ModelInput(name, source, name, kind, "number")
    word = replace(own, form="word", width=word_width(known.cells.get(name, ())))
    width = word_width(known.tokens.get(name, ()))
    match kind:
        case "string":
            yield word
        case "list":
            yield replace(own, form="items", width=width, pattern=f"[^{BETWEEN}]+")
        case "text":
            signals = replace(own, form="signals", width=len(SIGNALS))
            yield replace(signals, name=f"{name} signals", source=f"signals:{name}")
            if f"tokens:{name}" in asked:
                yield replace(own, form="words", width=width, pattern=_word_pattern())
            if {f"characters:{name}", f"words:{name}"} & {*asked}:
                yield replace(own, name=f"{name} characters", form="characters")
        case _:
            yield own
    if kind in ("list", "text") and f"codes:{name}" in asked:
        yield replace(word, name=f"{name} whole")


def _with_safe_names(inputs: Sequence[ModelInput]) -> tuple[ModelInput, ...]:
    """Names as TensorFlow's SavedModel takes them, different in letters and digits."""
    taken: set[str] = set()
    found = []
    for one in inputs:
        name = re.sub("[^a-zA-Z0-9_.-]", "_", one.name)
        if not re.match("[a-zA-Z0-9.]", name):
            name = f"x{name}"
        while _as_identifier(name) in taken:
            name += "_"
        taken.add(_as_identifier(name))
        found.append(replace(one, name=name))
    return tuple(found)


def _as_identifier(name: str) -> str:
    """In letters and digits of ASCII alone, as TensorFlow names what it saves."""
    return re.sub("[^a-zA-Z0-9]", "_", name)


@cache
def _word_pattern() -> str:
    """The pattern of a text's words for Python's `re`, which knows no names of scripts."""
    letters = pa.array([chr(i) for i in range(LETTERS) if not 0xD800 <= i < 0xE000])
    unspaced = pc.match_substring_regex(letters, f"[{UNSPACED_SCRIPTS}]").to_numpy(False)
    places = np.array([ord(c) for c in letters.filter(pa.array(unspaced)).to_pylist()])
    edges = np.flatnonzero(np.diff(places) > 1)
    first, last = places[[0, *(edges + 1)]], places[[*edges, -1]]
    ranges = "".join(f"{chr(a)}-{chr(b)}" for a, b in zip(first, last, strict=True))
    return f"[{ranges}]|[^ {ranges}]+"
