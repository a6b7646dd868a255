"""Several files of one schema as one table: their rows one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from automl_core.errors import TableError
from automl_core.table import (
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

    Columns may stand in another order in each, but must be the same. None where `report` said
    no. Raises TableError that names the file, where one cannot be read or has other columns.
    """
    meter = Meter(report)
    try:
        with Spool(root) as spool, TableWriter(root) as writer:
            first: Sequence[str] = ()
            words = {"files": str(len(files))}
            for path, name in files:
                piece = spool.piece()
                used = pour_file(path, name, piece, meter, source_format=source_format)
                if used.decimal != ".":
                    words["decimal"] = used.for_people()["decimal"]
                if used.given:  # for files of the same kind that are read later
                    words |= used.for_people() | words
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
            )
    except ReadingCancelledError:
        return None
    save_info(info, root)
    return info


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
