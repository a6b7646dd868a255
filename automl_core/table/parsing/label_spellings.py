"""Spellings of a target's labels in its cells: TRUE, 1.0, where the label itself is true, 1."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from automl_core.table import ParseRule, is_text, plain_array
from automl_core.table.parsing.parse import parse_column


def label_spellings(
    values: pa.ChunkedArray | pa.Array,
    rule: ParseRule,
    labels: Sequence[str],
    rows: Sequence[int] | None = None,
) -> tuple[str, ...]:
    """Each label as most of the cells (n,) write it; () where all are as the labels.

    Text as it stands. Floats and Booleans, which have no spelling of their own, as Python writes
    them: 1.0, True. `rows` (n,) are the rows that each cell counts for, one by default.
    """
    cells = plain_array(values)
    kind = cells.type
    if pa.types.is_boolean(kind):
        spelled = tuple(label.capitalize() for label in labels)
    elif pa.types.is_floating(kind):
        spelled = tuple(str(float(label)) for label in labels)
    elif is_text(kind):
        spelled = _most_frequent(cells, rule, labels, rows)
    else:
        return ()
    return () if spelled == tuple(labels) or len(set(spelled)) < len(spelled) else spelled


def _most_frequent(
    cells: pa.ChunkedArray, rule: ParseRule, labels: Sequence[str], rows: Sequence[int] | None
) -> tuple[str, ...]:
    counts: dict[str, int] = {}
    trimmed = pc.utf8_trim_whitespace(cells)
    if rows is None:
        counted = pc.value_counts(trimmed)
        trimmed, rows = counted.field("values"), counted.field("counts").to_pylist()
    for text, count in zip(trimmed.to_pylist(), rows, strict=True):
        if text is not None:
            counts[text] = counts.get(text, 0) + int(count)
    column = parse_column(pa.array(list(counts), pa.string()), "", rule)
    assert column.codes is not None
    most: dict[str, tuple[int, str]] = {}
    for (text, count), code in zip(counts.items(), column.codes.tolist(), strict=True):
        if code >= 0 and count > most.get(column.words[code], (0, ""))[0]:
            most[column.words[code]] = (count, text)
    return tuple(most[label][1] for label in labels)
