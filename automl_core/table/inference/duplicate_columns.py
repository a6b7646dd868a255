"""Columns that are other columns, cell for cell: one of each is enough.

Done to every new schema, since nothing is lost by it; found again by checks/duplicate_columns.py.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import replace

import pyarrow as pa

from automl_core.table import SAME_AS, Column, DecidedBy, Schema, canonical_text, cell_codes

HEADS = (30, 2_000)  # first rows on which columns must agree before all rows are compared


def ignore_copies(schema: Schema, table: pa.Table) -> Schema:
    """The schema without the columns whose every cell is another column's, the first one kept.

    The table is plain, see `plain_table`.
    """
    usable = [
        i
        for i, c in enumerate(schema.columns)
        if c.role not in ("ignored", "id") and c.distinct > 2
    ]
    copies = []
    for places in _alike(usable, schema, table):
        kept: list[int] = []
        for place in places:
            same = next((k for k in kept if _same(k, place, schema, table)), None)
            if same is None:
                kept.append(place)
                continue
            reason = f"{SAME_AS}{schema.columns[same].name}"
            copies.append(
                replace(
                    schema.columns[place], role="ignored", reason=reason, decided_by=DecidedBy.COPY
                )
            )
    return schema.with_columns(copies)


def _alike(places: list[int], schema: Schema, table: pa.Table) -> list[list[int]]:
    """Groups of columns whose first cells are equal; of most columns there is no other such one."""
    groups = [places]
    for rows in HEADS:  # a few say it for most, which is quick where columns are many
        head, found = table.slice(0, rows), groups
        groups = []
        for group in found:
            same = defaultdict(list)
            for place in group:
                same[_content(head.column(place), schema.columns[place])].append(place)
            groups += [alike for alike in same.values() if len(alike) > 1]
    return groups


def _same(a: int, b: int, schema: Schema, table: pa.Table) -> bool:
    left, right = table.column(a), table.column(b)
    if left.type == right.type and left.equals(right):  # a fraction of the time of what follows
        return True
    return _content(left, schema.columns[a]) == _content(right, schema.columns[b])


def _content(cells: pa.ChunkedArray, column: Column) -> bytes:
    """A digest of what the cells say, however they are stored."""
    digest = hashlib.blake2b(cell_codes(cells).tobytes(), digest_size=16)
    encoded = cells.dictionary_encode()  # one dictionary for all chunks
    if encoded.num_chunks:
        text = canonical_text(encoded.chunk(0).dictionary)
        digest.update("\x1f".join("" if t is None else t for t in text.to_pylist()).encode())
    digest.update(column.parse.kind.encode())
    return digest.digest()
