"""Dirty text files, made from a seed: what is in them is known, and whether anyone could tell.

A file is readable where a careful person would read it one way only. In an ambiguous one the same
bytes may mean two tables, so that a reader has to ask.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from tests.dirty.columns import CITIES, COLUMNS, FIRST, KINDS, LAST, LEVELS, Kind, each

MARKS = ("", "", "", "NA", "?", "-", "\\N", "n/a", "NULL")
FEW = 20  # characters beyond ASCII by which no one can tell an older encoding
ENCODINGS = ("utf-8",) * 8 + ("utf-8-sig", "utf-16", "cp1252", "cp1252", "latin-1")


@dataclass(frozen=True)
class DirtyFile:
    """One file: its bytes and the table that it means."""

    data: bytes
    names: tuple[str, ...] | None  # None: the file has none
    rows: tuple[tuple[str | None, ...], ...]  # cells as text, numbers with "."
    decimal: str
    ambiguous: str = ""  # what two readers may take differently; "": nothing
    kinds: tuple[str, ...] = ()  # what is dirty in it


@dataclass
class _Plan:
    """The file while it is made."""

    random: Random
    names: list[str] | None
    rows: list[list[str | None]]
    numeric: list[bool]
    delimiter: str
    decimal: str = "."
    quoting: str = "minimal"
    quote: str = '"'
    mark: str = ""
    kinds: list[str] = field(default_factory=list)
    top: list[list[str] | str] = field(default_factory=list)  # rows, or lines as they stand
    below: list[list[str]] = field(default_factory=list)  # under the header
    end: list[list[str] | str] = field(default_factory=list)
    units: list[str] = field(default_factory=list)

    def chance(self, share: float, kind: str) -> bool:
        """True with this share, noted as a kind of dirt."""
        if self.random.random() >= share:
            return False
        self.kinds.append(kind)
        return True

    @property
    def width(self) -> int:
        return len(self.rows[0])


def make_file(seed: int) -> DirtyFile:
    """The file of this seed; one in ten is ambiguous."""
    random = Random(seed)
    if random.random() < 0.1:
        return random.choice(_AMBIGUOUS)(random)
    plan = _columns(random)
    _header(plan)
    _missing(plan)
    _above(plan)
    _units(plan)
    _after(plan)
    alone = plan.width == 1 and plan.names is None and plan.decimal == ","
    return _written(plan, "delimiter" if alone else "")  # 42,42 may be two cells


def _columns(random: Random) -> _Plan:
    if random.random() < 0.06:
        return _years(random)
    count = min(len(COLUMNS), random.choice((1, 2, 3, 3, 4, 4, 5, 5, 6, 8, 12)))
    kinds = random.sample(COLUMNS, count)
    if count == 1:  # a column of its own has a simple kind: sentences have commas
        kinds = [random.choice([k for k in COLUMNS if k.numeric])]
    rows = int(random.choice((8, 12, 20, 40, 80, 150, 300)) * random.uniform(0.8, 1.2))
    cells = [kind.make(random, rows) for kind in kinds]
    names = [random.choice(kind.names) for kind in kinds]
    names = [n if names.index(n) == i else f"{n} {i}" for i, n in enumerate(names)]
    delimiter = random.choice(",,,,;;;\t\t|^~")
    plan = _Plan(
        random,
        names,
        [list(row) for row in zip(*cells, strict=True)],
        [kind.numeric and kind.names[0] not in ("zip", "key") for kind in kinds],
        delimiter,
    )
    plan.kinds.append(f"delimiter {delimiter!r}")
    certain = any(k.numeric or k.shaped for k in kinds) or sum(k.repeats for k in kinds) > 1
    if certain and rows >= 12 and _clear_without_names(kinds) and plan.chance(0.15, "no header"):
        plan.names = None
    plan.units = _units_of(random, kinds)
    return plan


def _clear_without_names(kinds: list[Kind]) -> bool:
    """True if no one takes the first row for names: decimals, dates or codes are in it."""
    return any(k.shaped or k.names[0] in ("price", "weight", "key") for k in kinds) or (
        sum(k.repeats for k in kinds) == len(kinds)
    )


def _units_of(random: Random, kinds: list[Kind]) -> list[str]:
    return [random.choice(kind.units) if kind.units else "" for kind in kinds]


def _years(random: Random) -> _Plan:
    """A country a row, a year or an hour a column."""
    count = random.randint(3, 9)
    first, step = random.choice(((1990, 1), (2015, 1), (1960, 10), (0, 1), (2023, -1)))
    names = [random.choice(("Country", "geo\\time", "Land", "meter")), *(
        str(first + i * step) for i in range(count)
    )]  # fmt: skip
    whole = random.random() < 0.5
    rows: list[list[str | None]] = []
    for i in range(random.randint(10, 80)):
        values = [
            str(random.randint(0, 9_000)) if whole else f"{random.uniform(0, 9):.1f}"
            for _ in range(count)
        ]
        side = ("north", "south", "east", "west")[i % 4]
        rows.append([f"{random.choice(CITIES)} {side}", *values])
    plan = _Plan(random, names, rows, [False] + [True] * count, random.choice(",;\t"))
    plan.kinds.append("numbers as names")
    plan.units = [""] * (count + 1)
    return plan


def _header(plan: _Plan) -> None:
    if plan.delimiter in ";\t|" and any(plan.numeric) and plan.chance(0.4, "decimal comma"):
        plan.decimal = ","
    quotings = ("minimal",) * 5 + ("all", "words", "single", "escaped")
    plan.quoting = plan.random.choice(quotings)
    if plan.quoting == "escaped" and any("\\" in name for name in plan.names or []):
        plan.quoting = "minimal"
    if plan.quoting == "single":
        if any("'" in (cell or "") for row in plan.rows for cell in row):
            plan.quoting = "minimal"
        else:
            plan.quote = "'"
    if plan.quoting != "minimal":
        plan.kinds.append(f"quotes {plan.quoting}")


def _missing(plan: _Plan) -> None:
    if plan.width < 2 or not plan.chance(0.4, "missing"):
        return
    plan.mark = plan.random.choice(MARKS)
    share = plan.random.uniform(0.01, 0.2)
    for column in plan.random.sample(range(1, plan.width), plan.random.randint(1, plan.width - 1)):
        for row in plan.rows:
            if plan.random.random() < share:
                row[column] = None


def _title(random: Random) -> str:
    return random.choice(
        ("Sales report", "Table 3. Population by region", "Export of 2024-05-01 10:22", "Umsätze",
         "Monthly report, all regions", "Customers (confidential)", "Results; first part")
    )  # fmt: skip


def _above(plan: _Plan) -> None:
    random = plan.random
    if plan.width < 3 or not plan.chance(0.3, "lines above"):
        if plan.delimiter in ";|" and plan.chance(0.03, "sep="):
            plan.top.append(f"sep={plan.delimiter}")
        return
    how = random.choice(("title", "padded", "comments", "settings", "two lines", "blank"))
    plan.kinds.append(how)
    blank = [""] * plan.width
    if how == "title":
        plan.top += [_title(random) for _ in range(random.randint(1, 2))]
    elif how == "padded":
        plan.top += [[_title(random), *blank[1:]] for _ in range(random.randint(1, 3))]
        plan.top += [blank] * random.randint(0, 1)
    elif how == "comments":
        plan.top += [f"# {_title(random)}, {i}" for i in range(random.choice((2, 5, 40, 70)))]
    elif how == "settings":
        pairs = [["Region:", "Germany"], ["Unit:", "Euro"], ["Source:", "Office"]]
        padding = random.choice(([], blank[2:]))
        plan.top += [[*pair, *padding] for pair in pairs[: random.randint(1, 3)]]
    elif how == "two lines":
        plan.top.append(f"{plan.quote}{_title(random)}\nsecond line{plan.quote}")
    else:
        plan.top += [blank] * random.randint(1, 2)
    if random.random() < 0.4:
        plan.top.append("")


def _units(plan: _Plan) -> None:
    if plan.names is None:
        return
    units = plan.units
    if sum(map(bool, units)) >= 2 and plan.chance(0.15, "units"):
        plan.below.append(units)
    elif plan.width > 1 and plan.chance(0.03, "tags"):
        plan.below.append([f"#{['date', 'value', 'adm1', 'sector', 'org'][i % 5]}+v{i}"
                           for i in range(plan.width)])  # fmt: skip


def _after(plan: _Plan) -> None:
    random = plan.random
    sums = [_sum(plan, i) if numeric else "" for i, numeric in enumerate(plan.numeric)]
    if plan.width < 3 or not plan.chance(0.25, "lines after"):
        return
    if not plan.numeric[0] and sum(map(bool, sums)) > 0 and random.random() < 0.4:
        plan.end.append([random.choice(("Total", "Grand Total", "Summe", "Sum")), *sums[1:]])
        plan.kinds.append("total")
        if random.random() < 0.5:
            return
    if random.random() < 0.6:
        plan.end.append(random.choice(("", [""] * plan.width)))
    elif not any(plan.numeric) or not plan.numeric[0]:
        plan.end.append("")  # a note below words is one only where a gap says so
    note = random.choice(
        ("Source: World Bank", "Source: Office, 2024", "* estimated", "Notes: none")
    )
    plan.end.append(random.choice((note, [note] + [""] * (plan.width - 1))))
    plan.kinds.append("note")


def _sum(plan: _Plan, column: int) -> str:
    cells = [row[column] for row in plan.rows]
    places = max(len((cell or "").partition(".")[2]) for cell in cells)
    return f"{sum(float(cell) for cell in cells if cell is not None):.{places}f}"


def _written(plan: _Plan, ambiguous: str = "") -> DirtyFile:
    random = plan.random
    names, below = plan.names, list(plan.below)
    row_names = (
        names is not None and not below and plan.width > 2 and not plan.top and not plan.numeric[0]
        and plan.quoting != "escaped" and plan.chance(0.04, "row names")
    )  # fmt: skip
    lines = [_line(plan, row) for row in plan.top]
    if names is not None:
        lines.append(_line(plan, names[1:] if row_names else names))
    lines += [_line(plan, row) for row in below]
    trailing = plan.width > 1 and names is not None and plan.chance(0.03, "trailing delimiters")
    gaps = plan.width > 1 and plan.chance(0.04, "blank rows")
    for row in plan.rows:
        text = _line(plan, [_cell(plan, cell, i) for i, cell in enumerate(row)])
        lines.append(text + plan.delimiter if trailing else text)
        if gaps and random.random() < 0.1:
            lines.append(random.choice(("", plan.delimiter * (plan.width - 1))))
    lines += [_line(plan, row) for row in plan.end]
    newline = random.choice(("\n", "\n", "\n", "\r\n", "\r\n", "\r"))
    text = newline.join(lines) + random.choice((newline, newline, "", newline * 3))
    if names is not None and row_names:
        names = ["column_1", *names[1:]]
    rows = tuple(tuple(row) for row in plan.rows)
    return DirtyFile(
        _encoded(plan, text),
        None if names is None else tuple(" ".join(name.split()) for name in names),
        rows,
        plan.decimal,
        ambiguous,
        tuple(plan.kinds),
    )


def _encoded(plan: _Plan, text: str) -> bytes:
    encoding = plan.random.choice(ENCODINGS)
    if encoding in ("cp1252", "latin-1") and sum(c > "\x7f" for c in text) < FEW:
        encoding = "utf-8"
    try:
        data = text.encode(encoding)
    except UnicodeEncodeError:
        return text.encode()
    if encoding != "utf-8":
        plan.kinds.append(encoding)
    return data


def _cell(plan: _Plan, cell: str | None, column: int) -> str:
    if cell is None:
        return plan.mark
    return cell.replace(".", plan.decimal) if plan.numeric[column] else cell


def _line(plan: _Plan, row: list[str] | str) -> str:
    if isinstance(row, str):
        return row
    return plan.delimiter.join(_quoted(plan, cell) for cell in row)


def _quoted(plan: _Plan, cell: str) -> str:
    special = any(c in cell for c in (plan.delimiter, plan.quote, "\n", "\r"))
    words = not cell.replace(plan.decimal, "").lstrip("-").isdecimal()
    asked = plan.quoting in ("all", "single") or (plan.quoting in ("words", "escaped") and words)
    if not special and not (asked and cell not in ("", "\\N")):
        return cell
    doubled = "\\" + plan.quote if plan.quoting == "escaped" else 2 * plan.quote
    if plan.quoting == "escaped":
        cell = cell.replace("\\", "\\\\")
    return plan.quote + cell.replace(plan.quote, doubled) + plan.quote


def _simple(random: Random, names: list[str] | None, columns: list[list[str]]) -> _Plan:
    rows: list[list[str | None]] = [list(row) for row in zip(*columns, strict=True)]
    numeric = [all(c.replace(".", "").isdecimal() for c in column) for column in columns]
    return _Plan(random, names, rows, numeric, ",")


def _words_without_names(random: Random) -> DirtyFile:
    """Words of which none occurs again: the first row may be names as well."""
    rows = random.randint(10, 25)
    one = random.sample([f.lower() for f in FIRST], min(rows, 25))
    two = random.sample([a + b.lower() for a in LAST for b in LAST], len(one))
    if random.random() < 0.5:
        return _written(_simple(random, None, [one, [w.lower() for w in two]]), "header")
    plan = _simple(random, [one[0], two[0].lower()], [one[1:], [w.lower() for w in two[1:]]])
    return _written(plan, "header")


def _counted(random: Random) -> DirtyFile:
    """1, 2, 3 above whole numbers: names, or the first row."""
    count = random.randint(3, 6)
    columns = [each(lambda r: str(r.randint(0, 99)))(random, 30) for _ in range(count)]
    names = [str(i + 1) for i in range(count)]
    return _written(_simple(random, names, columns), "header")


def _grouped(random: Random) -> DirtyFile:
    """1,234 in a file with semicolons: thousands, or a decimal comma."""
    ints = each(lambda r: f"{r.randint(1, 99)}.{r.randint(100, 999)}")(random, 30)
    plan = _simple(random, ["a", "b"], [each(lambda r: r.choice(LEVELS))(random, 30), ints])
    plan.delimiter, plan.decimal = ";", ","
    return _written(plan, "decimal")


def _letters_as_units(random: Random) -> DirtyFile:
    """Short words below the header: units, or names in two lines."""
    columns = [each(lambda r: f"{r.uniform(0, 9):.2f}")(random, 30) for _ in range(3)]
    plan = _simple(random, ["time", "force", "mass"], columns)
    plan.below.append(random.choice((["s", "N", "kg"], ["min", "kN", "t"])))
    return _written(plan, "units_row")


def _sum_that_does_not_add_up(random: Random) -> DirtyFile:
    """A row called total whose number is not the sum: perhaps one more row."""
    cells = each(lambda r: str(r.randint(10, 99)))(random, 30)
    plan = _simple(random, ["shop", "n", "colour"], [
        random.sample([f"{a} {b}" for a in FIRST for b in LAST], 30), cells,
        each(lambda r: r.choice(KINDS))(random, 30)])  # fmt: skip
    plan.end.append(["Total", str(random.randint(20_000, 90_000)), ""])
    return _written(plan, "footer_rows")


def _setting_above_two_columns(random: Random) -> DirtyFile:
    """A pair of words above a header of two: a title, or names above units."""
    columns = [each(lambda r: str(r.randint(2000, 2020)))(random, 30),
               each(lambda r: f"{r.uniform(0, 9):.2f}")(random, 30)]  # fmt: skip
    plan = _simple(random, ["year", "value"], columns)
    plan.top.append(["Region:", "Germany"])
    return _written(plan, "skip_rows")


_AMBIGUOUS = (
    _words_without_names,
    _counted,
    _grouped,
    _letters_as_units,
    _sum_that_does_not_add_up,
    _setting_above_two_columns,
)
