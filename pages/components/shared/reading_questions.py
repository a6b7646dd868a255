"""Doubtful decisions about a file as questions: both readings side by side, answered by a click.

Draws only; what reads the file again is the page's business.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import streamlit as st

from automl_core.errors import AutoMLError
from automl_core.table import (
    Decision,
    ReadOptions,
    SourceFormat,
    TableInfo,
    open_table,
    option_of_word,
    options_given,
)
from automl_core.table.reading import detect_settings, preview, question
from pages.components.shared.access import workspace
from pages.components.shared.text import escape_markdown, one_line

ROWS, COLUMNS = 4, 8  # of a preview
MOST = 3  # questions at a time
CHECK = ":material/check:"
_ANSWERS = {
    ("header", "yes"): "It is a header",
    ("header", "no"): "It is data",
    ("units_row", "yes"): "They are units",
    ("units_row", "no"): "They are values",
}
_WORDS = {
    "delimiter": "Cells parted by {}",
    "decimal": "Decimal {}",
    "encoding": "Text in {}",
    "sheet": "Sheet {}",
    "skip_rows": "{} lines before it",
    "footer_rows": "{} rows left out",
}


@dataclass(frozen=True)
class Asked:
    """A file whose reading is in doubt: where it is, what it is called, what is known of it."""

    path: Path
    info: TableInfo
    source_format: SourceFormat


def draw_questions(asked: Asked, key: str) -> ReadOptions | None:
    """The doubtful decisions; once one is answered, all that a person has set of the file."""
    doubtful = [d for d in asked.info.decisions if d.doubtful and _can_be_set(d)]
    answer = None
    for decision in doubtful[:MOST]:
        answer = _draw(asked, decision, f"{key}_{decision.setting}") or answer
    return answer


def _can_be_set(decision: Decision) -> bool:
    return bool(option_of_word(decision.setting, decision.alternative).given)


def _draw(asked: Asked, decision: Decision, key: str) -> ReadOptions | None:
    given = options_given(asked.info.settings)
    with st.container(border=True, key=key, gap="small"):
        st.markdown(f":material/help: **{question(decision)}**")
        st.caption(escape_markdown(one_line(f"Taken as: {decision.value}. {decision.why}", 300)))
        answer = None
        for place, value in zip(st.columns(2), (decision.value, decision.alternative), strict=True):
            options = option_of_word(decision.setting, value).over(given)
            with place:
                taken = value == decision.value
                _draw_preview(_stored(asked) if taken else _read(asked, options), value)
                label, icon = (
                    _answer(decision.setting, value),
                    ":material/check:" if taken else None,
                )
                if st.button(label, key=f"{key}_{taken}", icon=icon, width="stretch"):
                    answer = options
    return answer


def _draw_preview(rows: pa.Table | str, value: str) -> None:
    if isinstance(rows, str):
        st.caption(escape_markdown(one_line(rows, 200)))
    else:
        alt = f"The first rows, read as {value}"
        st.dataframe(rows, hide_index=True, placeholder="–", alt=alt)


def _stored(asked: Asked) -> pa.Table:
    """The first rows as they were read."""
    return _few(open_table(asked.info.hash, workspace()).slice(0, ROWS))


def _read(asked: Asked, options: ReadOptions) -> pa.Table | str:
    return _preview(str(asked.path), asked.info.hash, options, asked)


@st.cache_data(max_entries=32, show_spinner="Reading the first rows …")
def _preview(path: str, table_hash: str, options: ReadOptions, _asked: Asked) -> pa.Table | str:
    """The first rows in another reading, or why they cannot be read so.

    Two files that are read as the same table may be otherwise in another reading.
    """
    del path, table_hash  # only keys
    name = _asked.info.name
    known = SourceFormat("", names=_asked.source_format.names, asked=options)
    try:
        return _few(preview(_asked.path, name, detect_settings(_asked.path, name, known), ROWS))
    except AutoMLError as error:
        return str(error)


def _few(rows: pa.Table) -> pa.Table:
    return rows.select(list(range(min(COLUMNS, rows.num_columns))))


def _answer(setting: str, value: str) -> str:
    words = _ANSWERS.get((setting, value), _WORDS.get(setting, "{}").format(one_line(value, 40)))
    return escape_markdown(words)
