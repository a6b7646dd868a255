"""The bounds of a table in a grid of cells: titles, header, row of units, footer.

Text files and workbooks ask here. Each part is a question of its own, answered by how the rows
differ from the body of the table. Knows nothing of files.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace

from automl_core.table import shown
from automl_core.table.reading.column_shapes import (
    NUMBER,
    ColumnShape,
    Row,
    Rows,
    column_shapes,
    filled,
)
from automl_core.table.reading.comments import comment_mark
from automl_core.table.reading.decision import Decision
from automl_core.table.reading.footer import find_footer
from automl_core.table.reading.header_groups import GroupedHeader, grouped_header, has_groups
from automl_core.table.reading.header_row import (
    HeaderEvidence,
    can_repeat,
    header_evidence,
    known_names,
)

_MOST_TOPS = 12  # rows that may be lines before the header though they are as full as the table
_UNIT = re.compile(r"[\[(<{].*[\])>}]|.*[%°/²³µ€$£#^*].*|[^\W\d_]{1,4}\.?|\W*")
_RULE = re.compile(r"[|:]?[-=+_*~|]{3,}[|:]?")
_TAGS, _RULES = "tags", "a drawn line"
_SIGNS = frozenset("€$£¥%#°")
_TAG = re.compile(r"#\s?[a-z][\w+ -]*", re.IGNORECASE)
_KNOWN = 0.5  # share of the names that a model knows
_LEAST_ROWS = 4  # of a table beside others
_SIZEABLE = 3  # times smaller than the largest table, a table is not passed over
_UNLIKE = 0.8  # of the rows of another table
_COPIES = 0.3  # of the rows that may be the header once more


@dataclass(frozen=True)
class Layout:
    """Where the table stands in the grid."""

    skip_rows: int  # rows of the grid before the header, or before the data where there is none
    header: bool  # the row after them names the columns
    units_row: bool  # the filled row after the header has units or tags
    footer_rows: int  # filled rows at the end that are no rows of the table
    decisions: tuple[Decision, ...]  # header always; the others where they say something
    header_rows: int = 1  # more where groups of columns stand above the names


def find_layout(head: Rows, tail: Rows = (), names: Sequence[str] = ()) -> Layout:
    """The layout of the table in a grid of cells, or of the first large one where there are more.

    `head`, `tail` and `names` are as for `_layout`. Other tables stand apart, with a blank row
    between; those after it are part of the footer.
    """
    first, end = _main(head, not tail)
    known = _known_header(head, names)
    if (first, end) == (0, len(head)) or (known is not None and not first <= known < end):
        return _layout(head, tail, names)
    found = _layout(head[first:end], tail, names)
    decisions = {d.setting: d for d in found.decisions}
    if first:
        rows = [row for row in head[: first + found.skip_rows] if filled(row)]
        sure = all(filled(row) < filled(head[first + found.skip_rows]) for row in rows)
        place = str(first + found.skip_rows)
        lines = "1 line stands" if len(rows) == 1 else f"{len(rows):,} lines stand"
        why = f"{lines} before the table, with a blank one between: {_quoted(rows[0])}."
        decisions["skip_rows"] = Decision("skip_rows", place, why, "" if sure else "0")
    others = [row for row in head[end:] if filled(row)]
    if others:
        count = str(found.footer_rows + len(others))
        why = f"Another table begins after a blank row: {_quoted(others[0])}. It is left out."
        decisions["footer_rows"] = Decision("footer_rows", count, why, "0")
    return replace(
        found,
        skip_rows=found.skip_rows + first,
        footer_rows=found.footer_rows + len(others),
        decisions=tuple(decisions.values()),
    )


def _main(head: Rows, complete: bool) -> tuple[int, int]:
    """The first row of the grid that may be of the table, and the row after the last."""
    marks = [bool(filled(row)) for row in [*head, ()]]
    edges = [i for i, mark in enumerate(marks) if mark != (i > 0 and marks[i - 1])]
    blocks = list(zip(edges[::2], edges[1::2], strict=True))
    tables = [(a, b) for a, b in blocks if _is_table(head[a:b])] if len(blocks) > 1 else []
    if not tables:
        return 0, len(head)
    largest = max(b - a for a, b in tables)
    first, last = next((a, b) for a, b in tables if _SIZEABLE * (b - a) >= largest)
    before = sum(marks[:first])
    following = [a for a, _ in tables if a >= last]
    end = max(b for _, b in blocks if b <= following[0]) if following and complete else len(head)
    return (first if 0 < before <= last - first else 0), end


def _is_table(rows: Rows) -> bool:
    """True if the rows begin with names above cells of other kinds."""
    typical = _typical(rows)
    if len(rows) < _LEAST_ROWS or typical < 2:
        return False
    start = _start(rows, typical)
    body = rows[start + 1 :]
    full = filled(rows[start]) >= typical and len(body) + 1 >= _LEAST_ROWS
    width = max(map(len, rows))
    return full and _is_strange(rows[start], column_shapes(body, width))


def is_other_table(
    rows: Rows, header: Row, shapes: Sequence[ColumnShape], lengths: Container[int]
) -> bool:
    """True if rows after a blank one are a table of their own, not more rows of the first.

    `header`, `shapes` and `lengths` are the first row, the columns and the cells of a row there.
    """
    if len(rows) < _LEAST_ROWS or _typical(rows) < 2 or list(rows[0]) == list(header):
        return False
    unlike = [len(row) not in lengths or _is_strange(row, shapes) for row in rows]
    return unlike[0] and (sum(unlike) >= _UNLIKE * len(rows) or _is_table(rows))


def _layout(head: Rows, tail: Rows, names: Sequence[str]) -> Layout:
    """The layout of a table in a grid of cells, each row a sequence of strings, "" an empty cell.

    `head` are the first rows, as many as are at hand (hundreds), blank ones included: rows
    without a filled cell are never rows of the table. `tail` are the last rows of the file in
    order, some of which may be in `head` too; empty where `head` has all rows. `names` are
    the columns that a model knows; empty: not known. Rows may differ in length.
    """
    if not any(map(filled, head)):
        return Layout(0, True, False, 0, ())
    head, tail = _once(head, tail)
    top, group = _grouped(head, names)
    above = head[top]
    if group:
        head = _with_names(head, top, group)
    places = [i for i, row in enumerate(head) if filled(row)]
    rows = [head[i] for i in places]
    typical = _typical(rows)
    known = _known_header(rows, names)
    start = _start(rows, typical) if known is None else known
    if known is None:
        tops = min(_MOST_TOPS + 1, (len(rows) - start) // 2)
        shapes, _ = _body(rows[start + tops :], typical)
        start = _with_short_rows(rows, start, shapes)
        start = _last_title(rows, start, shapes, typical)
    below = rows[start + 2 :] if len(rows) - start > 4 else rows[start + 1 :]
    shapes, below = _body(below, typical)
    evidence = header_evidence(rows[start], shapes, below[:50], names)
    if len(rows) < 2 or start == len(rows) - 1:
        evidence = HeaderEvidence(1.0, "There is one row only.", False)
    header = evidence.names
    units = _units(rows, start, shapes) if header else ""
    body = rows[start + header + bool(units) :]
    footer = find_footer([*head[places[start] + 1 :]], tail, shapes, _usual(body, typical))
    decisions = [
        _header_decision(evidence),
        *_title_decisions(rows, start, places[start], known is not None, typical),
    ]
    if units:
        doubt = "" if units in (_TAGS, _RULES) else "no"
        why = f"{_quoted(rows[start + 1])}: {units} in place of values."
        decisions.append(Decision("units_row", "yes", why, doubt))
    if footer.decision:
        decisions.append(footer.decision)
    found = Layout(places[start], header, bool(units), footer.rows, tuple(decisions))
    return _with_groups(found, top, group, above) if group and header else found


def _grouped(head: Rows, names: Sequence[str]) -> tuple[int, GroupedHeader | None]:
    """The row with groups of columns, and the header that begins with it if there is one."""
    places = [i for i, row in enumerate(head) if filled(row)]
    for number in range(min(_MOST_TOPS, len(places) - _LEAST_ROWS)):
        top = [head[i] for i in places[number : number + 3]]
        if not has_groups(top[0], top[1]):
            continue  # the columns need not be looked at
        body = [head[i] for i in places[number + 3 :]]
        shapes, _ = _body(body, _typical(body))
        found = grouped_header(top, shapes, names) if len(shapes) > 1 else None
        if found:
            return places[number], found
    return 0, None


def _with_names(head: Rows, top: int, group: GroupedHeader) -> Rows:
    """The rows with one row of names in place of those of the header."""
    rows, left = list(head), group.rows
    for place in range(top, len(rows)):
        if filled(rows[place]):
            left -= 1
            rows[place] = [] if left else group.names
        if not left:
            return rows
    return rows


def _with_groups(layout: Layout, top: int, group: GroupedHeader, above: Row) -> Layout:
    """The layout with the row of groups in the header, or left out and said."""
    if layout.skip_rows < top:
        return layout
    kept = tuple(d for d in layout.decisions if d.setting != "skip_rows" or top)
    if not group.joined:
        why = f"{_quoted(above)} names groups of the columns whose names stand below."
        said = Decision("skip_rows", str(layout.skip_rows), why)
        kept = tuple(d for d in kept if d.setting != "skip_rows")
        return replace(layout, decisions=(*kept, said))
    why = f"{_quoted(above)} names groups of columns: the names below are joined with them."
    said = Decision("header_rows", str(group.rows), why)
    moved = (replace(d, value=str(top)) if d.setting == "skip_rows" else d for d in kept)
    return replace(layout, skip_rows=top, header_rows=group.rows, decisions=(*moved, said))


def _once(head: Rows, tail: Rows) -> tuple[Rows, Rows]:
    """The rows without copies of the first full one, which files put together have as header.

    Many copies are rows of a table of a few words.
    """
    rows = [row for row in head if filled(row)]
    typical = _typical(rows)
    place = next(i for i, row in enumerate(head) if filled(row) >= typical)
    first = head[place]
    copies = sum(row == first for row in rows) - 1
    if not 0 < copies <= _COPIES * len(rows) or not can_repeat(first):
        return head, tail
    below = [row for row in head[place + 1 :] if row != first]
    return [*head[: place + 1], *below], [row for row in tail if row != first]


def _typical(rows: Rows) -> int:
    """The number of filled cells that rows of the table usually have."""
    later = rows[len(rows) // 2 :] if len(rows) > 3 else rows
    counts = Counter(filled(row) for row in later)
    most = max(counts.values())
    return max(count for count, rows_ in counts.items() if 2 * rows_ >= most)


def _usual(rows: Rows, typical: int) -> int:
    """The fewest filled cells that rows of the table have, but for one in a hundred."""
    counts = sorted(filled(row) for row in rows[: max(1, len(rows) - len(rows) // 4)])
    return min(typical, counts[len(counts) // 100]) if counts else typical


def _known_header(rows: Rows, names: Sequence[str]) -> int | None:
    shares = [known_names(row, names) for row in rows[:500]] if names else []
    best = max(shares, default=0.0)
    return shares.index(best) if best >= _KNOWN else None


def _start(rows: Rows, typical: int) -> int:
    """The first row that is not clearly shorter than the table."""
    for number, row in enumerate(rows):
        if filled(row) > max(1, typical / 2) or typical < 2:
            return number
        if number + 1 < len(rows) and _names_but_one(row, rows[number + 1], typical):
            return number
    return 0


def _names_but_one(row: Row, following: Row, typical: int) -> bool:
    """True for the header of a table of two columns, one of them row names without a title."""
    cells = [cell.strip() for cell in row if cell.strip()]
    lacks = typical == 2 and len(cells) == 1 and filled(following) == 2
    padded = len(row) > 1 and bool(row[0].strip())
    second = lacks and bool(NUMBER.match([c.strip() for c in following if c.strip()][1]))
    return lacks and second and not padded and bool(re.fullmatch(r"[\w.]+", cells[0]))


def _body(rows: Rows, typical: int) -> tuple[tuple[ColumnShape, ...], list[Row]]:
    """The shapes of the columns, from those of the rows that are surely of the table, and these."""
    full = [row for row in rows if filled(row) > typical / 2]
    sure = full[: max(1, len(full) - min(5, len(full) // 4))]
    return column_shapes(sure, max((len(row) for row in sure), default=0)), sure


def _last_title(rows: Rows, start: int, shapes: Sequence[ColumnShape], typical: int) -> int:
    """The row after all lines that are as full as rows of the table and yet before the header."""
    strange = start
    for number in range(start, min(start + _MOST_TOPS, len(rows) - 1)):
        if number == start and filled(rows[number][len(shapes) :]):
            continue  # a title with many delimiters, where a header follows
        if filled(rows[number]) <= typical / 2:
            continue
        if not _is_strange(rows[number], shapes):
            if _is_label(rows[number]):
                continue
            break
        strange = number
    comments = _comments(rows, start)
    if comments > start:
        return comments
    labels = strange
    while labels + 2 < len(rows) and _is_label(rows[labels]):
        labels += 1
    if labels > strange:
        return labels  # no names follow, or those are what comes next
    if strange == start:
        return _after_short(rows, start, shapes, typical)
    above = rows[strange - 1]
    units = _are_tags(rows[strange]) or _is_units(rows[strange], above, shapes)
    units = units and not _is_label(above) and not filled(above[len(shapes) :])
    return strange - 1 if units else strange


def _is_label(row: Row) -> bool:
    """True for a line such as "Region:;Germany"."""
    return next((c.strip() for c in row if c.strip()), "").endswith(":")


def _with_short_rows(rows: Rows, start: int, shapes: Sequence[ColumnShape]) -> int:
    """The first row of a table without header, where cells are missing in its first rows."""
    while start:
        pairs = list(zip(map(str.strip, rows[start - 1]), shapes, strict=False))
        alike = sum(shape.fits(cell) for cell, shape in pairs)
        against = sum(shape.contradicts(cell) for cell, shape in pairs)
        short = len(pairs) < len(shapes) or not pairs[0][0] or filled(rows[start - 1]) == 1
        if short or against or not alike:
            break
        start -= 1
    return start


def _comments(rows: Rows, start: int) -> int:
    """The row after lines that begin with a mark of comments as no row of the table does."""
    mark = comment_mark(rows[start][0])
    if mark and all(row[0].lstrip().startswith(mark) for row in rows[:start]):
        start = 0
    number = start
    while mark and number < len(rows) and rows[number][0].lstrip().startswith(mark):
        number += 1
    if number == start or number == len(rows):
        return start
    return start if _are_tags(rows[start]) or number - start < 2 else number


def _after_short(rows: Rows, start: int, shapes: Sequence[ColumnShape], typical: int) -> int:
    """The next row where this one is shorter and the next is full and no row of data."""
    if start + 2 >= len(rows) or filled(rows[start]) >= typical:
        return start
    following = rows[start + 1]
    return start + 1 if filled(following) >= typical and _is_strange(following, shapes) else start


def _is_strange(row: Row, shapes: Sequence[ColumnShape]) -> bool:
    """True if the row has cells of other kinds than the columns, and hardly one like them.

    A row that is longer than the table is none of it, or damaged: its cells are not compared.
    """
    if filled(row[len(shapes) :]):
        return False
    pairs = [(cell.strip(), shape) for cell, shape in zip(row, shapes, strict=False)]
    against = sum(shape.contradicts(cell) for cell, shape in pairs)
    alike = sum(
        shape.fits(cell) or (shape.repeats and not shape.numeric and cell in shape.counts)
        for cell, shape in pairs
    )
    return against > alike


def _units(rows: Rows, start: int, shapes: Sequence[ColumnShape]) -> str:
    """What the row below the header has in place of values: "" where it has values."""
    if len(rows) < start + 3:
        return ""
    row, header = rows[start + 1], rows[start]
    if _are_tags(row):
        return _TAGS
    if all(_RULE.fullmatch(cell.strip()) for cell in row if cell.strip()):
        return _RULES
    return "units" if _is_units(row, header, shapes) else ""


def _are_tags(row: Row) -> bool:
    cells = [cell.strip() for cell in row if cell.strip()]
    return len(cells) > 1 and all(_TAG.fullmatch(cell) for cell in cells)


def _is_units(row: Row, header: Row, shapes: Sequence[ColumnShape]) -> bool:
    """True if the cells above numbers look like units, and not like names of columns."""
    pairs = [(cell.strip(), shape) for cell, shape in zip(row, shapes, strict=False)]
    above = [cell for cell, shape in pairs if cell and shape.numeric]
    others = [cell for cell, shape in pairs if cell and not shape.numeric]
    words = [c for c, s in pairs if s.numeric and (s.contradicts(c) or c in _SIGNS)]
    if not words or filled(row) > filled(header) or filled(row[len(shapes) :]):
        return False
    if not others and len(above) < len(shapes):
        return True  # a row of values has words where the others have
    if all(_TAG.fullmatch(cell) for cell in words):
        return True
    like = sum(bool(_UNIT.fullmatch(cell)) for cell in words)
    again = len(words) - len(set(words))  # units occur again, names do not
    return (
        len(words) > 0.5 * len(above)
        and like + again >= 0.5 * len(words)
        and len(others) <= max(1, len(above))
    )


def _header_decision(evidence: HeaderEvidence) -> Decision:
    value, other = ("yes", "no") if evidence.names else ("no", "yes")
    return Decision("header", value, evidence.why, other if evidence.doubtful else "")


def _title_decisions(
    rows: Rows, start: int, place: int, known: bool, typical: int
) -> list[Decision]:
    if not start:
        return []
    lines = "1 line stands" if start == 1 else f"{start:,} lines stand"
    why = f"{lines} before the table: {_quoted(rows[0])}."
    sure = known or all(filled(row) < typical for row in rows[:start])
    sure = sure or all(comment_mark(row[0]) for row in rows[:start])
    return [Decision("skip_rows", str(place), why, "" if sure else "0")]


def _quoted(row: Row) -> str:
    return shown(" ".join(cell.strip() for cell in row if cell.strip()))
