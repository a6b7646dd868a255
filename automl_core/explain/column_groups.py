"""Columns that say nearly the same, to be shuffled together.

Where one of two such columns is shuffled alone, the model reads the other, and both seem useless.
"""

from __future__ import annotations

import numpy as np

from automl_core.explain.sample import Sample
from automl_core.profile import grouped_codes, screened

ALIKE = 0.8  # strength of association, 0 to 1, from which columns belong together
WORDS = 30  # of a column, the rare ones together

Group = tuple[str, ...]


def column_groups(sample: Sample, alike: float = ALIKE) -> tuple[Group, ...]:
    """Each column once, in the table's order; each two columns of a group are so much alike.

    Numbers by rank correlation, words by Cramér's V, both by the correlation ratio. A text or list
    stands alone.
    """
    names = [name for name in sample.typed.columns if name in sample.kinds]
    short = [name for name in names if sample.kinds[name] not in ("text", "list")]
    cells = []
    for name in short:
        column = sample.typed.columns[name]
        words = None if column.codes is None else grouped_codes(column, WORDS)[0]
        cells.append((column.numbers, words))
    found, compared = screened(cells)
    member = {name: [name] for name in names}
    first, second = np.triu_indices(compared, 1)
    strong = np.flatnonzero(found[first, second] >= alike)
    for k in strong[np.argsort(-found[first[strong], second[strong]], kind="stable")]:
        a, b = member[short[first[k]]], member[short[second[k]]]
        if a is b:
            continue
        pairs = ((short.index(x), short.index(y)) for x in a for y in b)
        if all(found[i, j] >= alike for i, j in pairs):
            joined = sorted([*a, *b], key=names.index)
            for name in joined:
                member[name] = joined
    return tuple(dict.fromkeys(tuple(member[name]) for name in names))
