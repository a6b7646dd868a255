"""Columns that a model uses and a table lacks: an error that names them, unless it is allowed."""

from __future__ import annotations

from collections.abc import Sequence

from automl_core.errors import ModelError, closest
from automl_core.table import match_names, shown

NAMED = 5  # columns that the message lists


def lacking_columns(wanted: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    """The wanted columns that a table with columns of these names lacks; names may differ as
    `match_names` allows."""
    matches = match_names(wanted, names)
    return tuple(name for name in wanted if name not in matches)


def refuse_missing(wanted: Sequence[str], names: Sequence[str], instead: str) -> None:
    """ModelError where a table with columns of these names lacks some of those wanted.

    `instead` says how to score such a table all the same.
    """
    lacking = lacking_columns(wanted, names)
    if not lacking:
        return
    matches = match_names(wanted, names)
    spare = [name for name in names if name not in matches.values()]
    parts = []
    for name in lacking[:NAMED]:
        close = closest(name, spare)
        parts.append(shown(name) + (f" (did you mean {shown(close)}?)" if close else ""))
    more = f" and {len(lacking) - NAMED:,} more" if len(lacking) > NAMED else ""
    what = (
        "A column that the model uses is"
        if len(lacking) == 1
        else "Columns that the model uses are"
    )
    raise ModelError(
        f"{what} missing: {', '.join(parts)}{more}.",
        f"Add {'it' if len(lacking) == 1 else 'them'} to the table, or rename what it is called "
        f"there. {instead}",
    )
