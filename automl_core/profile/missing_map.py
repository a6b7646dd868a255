"""Missing cells: along the rows, and in columns together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from automl_core.profile.sample import Sample, missing_cells

BLOCKS = 60  # of rows, in the table's order
COLUMNS = 40  # with the most gaps
PATTERNS = 8


@dataclass(frozen=True)
class Pattern:
    """Columns that are missing together, and nothing else, in some of the rows."""

    columns: tuple[str, ...]  # none: rows without a gap
    rows: int


@dataclass(frozen=True)
class MissingMap:
    """`shares[i][b]`: the share of cells of column i that are missing in block b of the rows."""

    names: tuple[str, ...]  # columns with gaps, most of them first
    shares: tuple[tuple[float, ...], ...]
    totals: tuple[float, ...]  # share of all rows, by column
    patterns: tuple[Pattern, ...]  # the most frequent first
    rows: int  # that were looked at
    left_out: int  # further columns with gaps


def missing_map(sample: Sample) -> MissingMap:
    """The map of the columns that have gaps; without any it has no names."""
    gaps = {c.name: missing_cells(sample.column(c.name)) for c in sample.columns if c.missing}
    gaps = {name: gap for name, gap in gaps.items() if gap.any()}
    names = sorted(gaps, key=lambda name: -int(gaps[name].sum()))
    shown = names[:COLUMNS]
    n = sample.looked_at
    blocks = np.array_split(np.arange(n), max(1, min(BLOCKS, n)))
    return MissingMap(
        names=tuple(shown),
        shares=tuple(tuple(float(gaps[name][b].mean()) for b in blocks) for name in shown),
        totals=tuple(float(gaps[name].mean()) for name in shown),
        patterns=_patterns(shown, np.array([gaps[name] for name in shown])) if shown else (),
        rows=n,
        left_out=len(names) - len(shown),
    )


def _patterns(names: list[str], gaps: np.ndarray) -> tuple[Pattern, ...]:
    """The most frequent combinations of gaps (columns, rows)."""
    packed = np.packbits(gaps, axis=0).T  # a row of bytes for each row of the table
    _, first, counts = np.unique(packed, axis=0, return_index=True, return_counts=True)
    order = np.argsort(-counts, kind="stable")[:PATTERNS]
    return tuple(
        Pattern(tuple(names[i] for i in np.flatnonzero(gaps[:, first[o]])), int(counts[o]))
        for o in order.tolist()
    )
