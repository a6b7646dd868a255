"""Text cells taken apart as numbers are written: sign, unit, money, ends of a range."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from automl_core.table.parsing import compounds, money_signs, plain_signs, range_ends, split_units


@dataclass(frozen=True, eq=False)
class NumberShapes:
    """The parts of text cells (k,), each computed once, when it is first asked for."""

    cells: pa.Array  # (k,) ends trimmed, null where blank

    @cached_property
    def plain(self) -> pa.Array:
        """(k,) the cells without signs of money, percent and the like."""
        return plain_signs(self.cells)

    @cached_property
    def _number_and_unit(self) -> tuple[pa.Array, pa.Array]:
        return split_units(self.plain)

    @property
    def before_unit(self) -> pa.Array:
        """(k,) the number in front of a unit, null where there is no unit."""
        return self._number_and_unit[0]

    @property
    def units(self) -> pa.Array:
        """(k,) the unit behind a number, null where there is none."""
        return self._number_and_unit[1]

    @cached_property
    def numbers(self) -> pa.Array:
        """(k,) the numbers as written, without signs and units; other cells as they are."""
        return pc.coalesce(self.before_unit, self.plain)

    @cached_property
    def compounds(self) -> dict[int, list[tuple[str, str]]]:
        """Number and unit of each part of cells such as "2h 50m", by the cell's position."""
        return compounds(self.plain)

    @cached_property
    def money(self) -> pa.Array:
        """(k,) the sign or code of money in lower case, null where there is none."""
        return money_signs(self.cells)

    @cached_property
    def ends(self) -> tuple[pa.Array, pa.Array]:
        """Lower and upper end (k,) of ranges; the upper one null where a cell is no range."""
        return range_ends(self.cells)

    def both_ends(self) -> NumberShapes:
        """The shapes of both ends (2k,), first all lower ones."""
        return NumberShapes(pa.concat_arrays([pc.cast(end, pa.string()) for end in self.ends]))

    def present(self) -> NumberShapes:
        """The shapes of the cells that are not blank."""
        return NumberShapes(pc.drop_null(self.cells))
