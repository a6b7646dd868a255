"""Several files of one schema as one table: their rows one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from automl_core.errors import TableError
from automl_core.limits import table_limits
from automl_core.table import (
    IN_FILE,
    NOTHING_SET,
    Decision,
    Meter,
    ReadingCancelledError,
    Report,
    SourceFormat,
    TableInfo,
    TableWriter,
    match_names,
    save_info,
)
from automl_core.table.reading.read import pour_file
from automl_core.table.reading.spool import Spool

NAMED = 5  # columns that a message lists
EXAMPLES = 2  # files that the table's name lists


def ingest_several(
    files: Sequence[tuple[Path, str]],
    root: Path,
    report: Report | None = None,
    source_format: SourceFormat | None = None,
) -> TableInfo | None:
    """Store the rows of all files (path and name for people) as one table below `root`.

    Columns may stand in another order in each, but must be the same. Each file is read by its own
    evidence: what a person set counts for the first, and for others where it gives the same
    columns. The decisions are those of the first file, and what is otherwise or in doubt in
    others. None where `report` said no. Raises TableError that names the file, where one cannot
    be read or has other columns, AccessError for more than is allowed.
    """
    limits = table_limits(root)
    meter, usual = Meter(report), source_format or SourceFormat("")
    decisions: tuple[Decision, ...] = ()
    try:
        with Spool(root) as spool, TableWriter(root, limits) as writer:
            first: Sequence[str] = ()
            words = {"files": str(len(files))}
            for path, name in files:
                piece = spool.piece()
                used = pour_file(path, name, piece, meter, source_format=usual)
                limits.check_rows(spool.rows)
                if used.decimal != ".":
                    words["decimal"] = used.for_people()["decimal"]
                if used.given:  # for files of the same kind that are read later
                    words |= used.for_people() | words
                decisions += _of_file(name, used.decisions, decisions) if first else used.decisions
                if not first:
                    usual = replace(
                        usual,
                        names=tuple(piece.schema.names),
                        asked=NOTHING_SET,
                        usual=usual.asked.over(usual.usual),
                    )
                first = first or piece.schema.names
                piece.rename(match_names(first, piece.schema.names))
                if set(piece.schema.names) != set(first):
                    raise _other_columns(name, piece.schema.names, first)
            spool.pour(writer)
            info = TableInfo(
                hash=writer.commit(),
                name=_shown([name for _, name in files]),
                rows=writer.rows,
                columns=len(writer.schema),
                settings=words,
                decisions=decisions,
            )
    except ReadingCancelledError:
        return None
    save_info(info, root)
    return info


def _of_file(
    name: str, found: Sequence[Decision], first: Sequence[Decision]
) -> tuple[Decision, ...]:
    """The decisions about a file that differ from those about the first one, or are in doubt."""
    known = {d.setting: d.value for d in first}
    return tuple(
        replace(d, setting=f"{d.setting}{IN_FILE}{name}")
        for d in found
        if d.doubtful or known.get(d.setting) != d.value
    )


def _other_columns(name: str, have: Sequence[str], expected: Sequence[str]) -> TableError:
    lacking = [n for n in expected if n not in have]
    new = [n for n in have if n not in expected]
    what = " and ".join(
        f"{word} {_listed(columns)}"
        for word, columns in (("lacks", lacking), ("has a further column", new))
        if columns
    )
    return TableError(
        f"{name!r} has other columns than the first file: it {what}.",
        "Give files of the same columns together; read the others on their own.",
    )


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(repr(n) for n in names[:NAMED]) + more


def _shown(names: Sequence[str]) -> str:
    listed = ", ".join(names[:EXAMPLES])
    more = len(names) - EXAMPLES
    return f"{listed} and {more} more" if more > 0 else listed
