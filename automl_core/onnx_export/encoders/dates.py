"""Dates: the parts of all columns of an encoder at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from automl_core.features import DAY, FARTHEST, PERIODS, DatePart, DatetimeEncoder
from automl_core.onnx_export import GraphBuilder
from automl_core.onnx_export.encoders.calendar import Calendar
from automl_core.onnx_export.encoders.matrix_columns import chosen, side_by_side, whole
from automl_core.onnx_export.encoders.scaled import write_filled, write_scaled
from automl_core.onnx_export.encoders.typed_inputs import TypedInputs


@dataclass(frozen=True)
class _Value:
    """One part of one column, and its place among the features."""

    column: int
    part: DatePart
    fill: bool
    reference: float
    place: int


def write_dates(
    graph: GraphBuilder, inputs: TypedInputs, encoders: Sequence[DatetimeEncoder]
) -> str:
    """The features (rows, k) of the encoders, float32, in their order."""
    values, flags = _places(encoders)
    seconds = plausible_seconds(graph, inputs, [encoder.name for encoder in encoders])
    missing = graph.add("IsNaN", [seconds])
    found, places = [], []
    if values:
        numbers = _numbers(graph, seconds, missing, values, len(encoders))
        fills = [v.fill for v in values]
        found.append(write_scaled(graph, numbers, [v.part.scaling for v in values], fills))
        places += [v.place for v in values]
        circles = [(i, v) for i, v in enumerate(values) if v.part.circle]
        if circles:
            own = chosen(graph, numbers, [i for i, _ in circles], len(values))
            found += _circles(graph, own, [v for _, v in circles])
            places += [v.place + 1 for _, v in circles] + [v.place + 2 for _, v in circles]
        found = [graph.cast(side_by_side(graph, found), "float")]
    if flags:
        own = chosen(graph, missing, [column for column, _ in flags], len(encoders))
        found.append(graph.cast(own, "float"))
    return whole(graph, found, places + [place for _, place in flags])


def plausible_seconds(graph: GraphBuilder, inputs: TypedInputs, names: Sequence[str]) -> str:
    """Seconds since 1970 (rows, k) of these columns in float64, NaN where there is no date."""
    seconds = inputs.numbers(names)
    near = graph.add("LessOrEqual", [graph.add("Abs", [seconds]), graph.constant(FARTHEST)])
    return graph.add("Where", [near, seconds, graph.constant(np.nan)])


def _places(encoders: Sequence[DatetimeEncoder]) -> tuple[list[_Value], list[tuple[int, int]]]:
    """All parts, then column and place of each indicator."""
    values, flags, at = [], [], 0
    for column, encoder in enumerate(encoders):
        for part in encoder.parts:
            values.append(_Value(column, part, encoder.fill, encoder.reference, at))
            at += 3 if part.circle else 1
        if encoder.indicator:
            flags.append((column, at))
            at += 1
    return values, flags


def _numbers(
    graph: GraphBuilder, seconds: str, missing: str, values: Sequence[_Value], columns: int
) -> str:
    """The parts (rows, values) in float64, NaN where there is no date."""
    present = graph.add("Where", [missing, graph.constant(0.0), seconds])
    calendar = Calendar(graph, present)
    names = list(dict.fromkeys(value.part.part for value in values if value.part.part != "age"))
    ages = [value for value in values if value.part.part == "age"]
    parts = [calendar.part(name) for name in names]
    if ages:
        own = chosen(graph, present, [value.column for value in ages], columns)
        references = graph.constant([[value.reference for value in ages]])
        parts.append(graph.add("Div", [graph.add("Sub", [references, own]), graph.constant(DAY)]))
    places = [
        len(names) * columns + ages.index(value)
        if value.part.part == "age"
        else names.index(value.part.part) * columns + value.column
        for value in values
    ]
    width = len(names) * columns + len(ages)
    numbers = chosen(graph, side_by_side(graph, parts), places, width)
    none = chosen(graph, missing, [value.column for value in values], columns)
    return graph.add("Where", [none, graph.constant(np.nan), numbers])


def _circles(graph: GraphBuilder, numbers: str, values: Sequence[_Value]) -> list[str]:
    """Sines and cosines, (rows, values) each, of cyclic parts that are NaN where missing."""
    firsts = graph.constant([[float(PERIODS[v.part.part][0]) for v in values]])
    turns = graph.constant([[2 * np.pi / PERIODS[v.part.part][1] for v in values]])
    angle = graph.add("Mul", [graph.add("Sub", [numbers, firsts]), turns])
    missing, fills = graph.add("IsNaN", [numbers]), [v.fill for v in values]
    return [write_filled(graph, graph.add(f, [angle]), missing, fills) for f in ("Sin", "Cos")]
