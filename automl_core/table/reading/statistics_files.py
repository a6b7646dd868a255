"""Files of SPSS, SAS and Stata to tables, by pyreadstat.

A number that stands for a word becomes the word, and what is declared as missing is missing.
Knows nothing of roles.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from automl_core.table import clean_names
from automl_core.table.reading.cell_values import column_of_cells, shown_cell

SAS_DATA = bytes(12) + bytes.fromhex("c2ea8160b31411cfbd92080009c7318c181f1011")
SAS_TRANSPORT = (b"HEADER RECORD*******LIBRARY HEADER", b"HEADER RECORD*******LIBV8")
SPSS_DATA = (b"$FL2", b"$FL3")
# The older files of Stata begin with their version, and how their numbers are written.
STATA_DATA = (
    b"<stata_dta>",
    *(bytes((v, order, 1, 0)) for v in (*range(104, 109), *range(110, 116)) for order in (1, 2)),
)
"""What the files of each program begin with."""


def read_statistics(path: Path) -> pa.Table:
    """The table in a file of SPSS (.sav, .zsav), SAS (.sas7bdat, .xpt) or Stata (.dta).

    A column whose values all have labels is one of these words; where only some have one, such
    as the ends of a scale, it stays a column of numbers.
    """
    import pyreadstat

    with path.open("rb") as file:
        head = file.read(64)
    read: Any
    if head.startswith(SPSS_DATA):
        read = pyreadstat.read_sav
    elif head.startswith(STATA_DATA):
        read = pyreadstat.read_dta
    elif head.startswith(SAS_TRANSPORT):
        read = pyreadstat.read_xport
    else:
        read = pyreadstat.read_sas7bdat
    columns, about = read(path, output_format="dict")
    labels = about.variable_value_labels
    arrays = [column_of_cells(_labelled(list(c), labels.get(n, {}))) for n, c in columns.items()]
    return pa.Table.from_arrays(arrays, names=clean_names(list(columns)))


def _labelled(cells: Sequence[Any], labels: dict[Any, str]) -> Sequence[Any]:
    values = {*cells} - {None, ""}
    if not labels or not values or not values <= labels.keys():
        return cells
    times = Counter(labels.values())
    words = {
        value: label if times[label] == 1 else f"{label} ({shown_cell(value)})"
        for value, label in labels.items()
    }
    return [words.get(cell) for cell in cells]
