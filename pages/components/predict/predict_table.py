"""The table to be scored: uploaded, and compared with the columns that the model reads."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import streamlit as st

from automl_core.errors import AutoMLError
from automl_core.export import ColumnIssue, compare_table, used_columns
from automl_core.scoring import lacking_columns
from automl_core.table import SourceFormat, TableInfo, open_table, source_format_of
from automl_core.table.reading import ReadSettings, Upload, ingest_file, upload_path
from automl_core.types import Severity
from pages.components.predict.predict_model import ChosenModel
from pages.components.shared import (
    FORMATS,
    Asked,
    code,
    count,
    describe,
    detected,
    draw_file_field,
    draw_questions,
    escape_markdown,
    frame,
    reading_settings,
    session,
    settings_of,
    workspace,
)

SHOWN = 6  # differences listed before the rest goes into an expander
ALL_HERE = (
    ":green[:material/check_circle:] Every column that the model reads is here, in the type it "
    "expects."
)
ICONS = {
    "few": ":material/warning:",
    "missing": ":material/playlist_remove:",
    "type": ":material/swap_horiz:",
    "unseen": ":material/fiber_new:",
    "renamed": ":material/spellcheck:",
    "scale": ":material/percent:",
    "extra": ":material/playlist_add:",
}


@dataclass(frozen=True)
class _Taken:
    """A table to be scored, and what it was read by; also one that could not be read."""

    upload: Upload
    source_format: SourceFormat
    info: TableInfo | None = None  # None: it could not be read
    error: AutoMLError | None = None  # why
    tried: ReadSettings | None = None  # settings that a person chose, with which it was not read


def choose_table(model: ChosenModel) -> TableInfo | None:
    """The field for the table; the one uploaded last, None where there is none."""
    schema = model.schema
    source_format = source_format_of(schema.columns, schema.encoding, schema.reading)
    draw_file_field("predict_table", "Rows to score", FORMATS, partial(_take, source_format))
    taken = session.remembered("predict_table", _Taken)
    if (
        taken is not None and taken.source_format != source_format
    ):  # numbers may mean something else
        _take(source_format, taken.upload)
        taken = session.remembered("predict_table", _Taken)
    if taken is None:
        return None
    info = taken.info
    if info is None:
        _draw_unread(taken)
        return None
    st.markdown(
        f":material/table: {code(info.name)}, {count(info.rows, 'row')}, "
        f"{count(info.columns, 'column')}"
    )
    used = settings_of(info.settings)
    st.caption(escape_markdown(describe(used) if used is not None else ""))
    asked = Asked(upload_path(taken.upload.id, workspace()), info, source_format)
    options = draw_questions(asked, "predict_doubt")
    if options is not None:
        _take(replace(source_format, asked=options), taken.upload, source_format)
        st.rerun()
    if used is not None:
        with st.expander("How this table was read", icon=":material/tune:", key="predict_reading"):
            _draw_reading(taken, used, info.hash[:8])
    return info


def _draw_unread(taken: _Taken) -> None:
    """Why the file could not be read, and the form to read it differently."""
    if taken.error is not None:
        frame.show_error(taken.error)
    used = taken.tried
    if used is None:
        used = detected(session.Source(taken.upload.name, upload=taken.upload.id))
    if used is None:  # no table, whatever the settings
        return
    st.caption("The file is still here. Change how it is read, then read it again.")
    _draw_reading(taken, used, taken.upload.id[:8])


def _draw_reading(taken: _Taken, used: ReadSettings, name: str) -> None:
    """The settings that the file was read with, or should be; read again once they are changed."""
    changed = reading_settings.draw_form(used, f"predict_reread_{name}")
    if changed is not None:
        _take(taken.source_format, taken.upload, settings=changed)
        st.rerun()


def _take(
    source_format: SourceFormat,
    upload: Upload,
    of_model: SourceFormat | None = None,
    settings: ReadSettings | None = None,
) -> None:
    """Store the uploaded table where it can be read; keep it and the reason where it cannot.

    `of_model` is the model's own format, where a person has set something besides; `settings`
    are all that a person has set.
    """
    try:
        path = upload_path(upload.id, workspace())
        root = workspace()
        info = ingest_file(
            path, upload.name, root, settings, upload.id, source_format=source_format
        )
    except AutoMLError as error:
        taken = _Taken(upload, of_model or source_format, error=error, tried=settings)
    else:
        taken = _Taken(upload, of_model or source_format, info)
    session.remember("predict_table", taken)


@st.cache_data(max_entries=16, show_spinner="Comparing the columns …")
def _issues(model: str, table_hash: str, _model: ChosenModel) -> tuple[ColumnIssue, ...]:
    del model  # the model and the table by name are the key of the cache
    return compare_table(_model.files(), open_table(table_hash, workspace()))


def show_differences(model: ChosenModel, info: TableInfo) -> None:
    """The differences from the training table, in words.

    Raises ModelError where the table has nothing that the model could go by.
    """
    issues = _issues(model.id, info.hash, model)
    if not issues:
        st.markdown(ALL_HERE)
        return
    weighty = [issue for issue in issues if issue.severity == Severity.WARNING]
    unused = [issue.column for issue in issues if _is_unused(issue)]
    issues = tuple(issue for issue in issues if not _is_unused(issue))
    with st.container(border=True, key="predict_issues", gap="xsmall"):
        if issues:
            differences = count(len(issues), "difference")
            icon = ":orange[:material/warning:]" if weighty else ":material/info:"
            st.markdown(f"{icon} **{differences} from what the model reads**")
        else:
            st.markdown(ALL_HERE)
        for issue in issues[:SHOWN]:
            _show(issue)
        if len(issues) > SHOWN:
            with st.expander(f"{len(issues) - SHOWN} more", key="predict_more_issues"):
                for issue in issues[SHOWN:]:
                    _show(issue)
        if unused:
            names = ", ".join(code(name, 40) for name in unused[:SHOWN])
            more = f" and {len(unused) - SHOWN:,} more" if len(unused) > SHOWN else ""
            what = count(len(unused), "further column")
            st.caption(f"{what}, not used by the model: {names}{more}")


@st.cache_data(max_entries=16, show_spinner=False)
def _lacking(model: str, table_hash: str, _model: ChosenModel) -> tuple[str, ...]:
    del model  # the model and the table by name are the key of the cache
    names = open_table(table_hash, workspace()).column_names
    return lacking_columns([c.name for c in used_columns(_model.files())], names)


def may_score(model: ChosenModel, info: TableInfo) -> bool:
    """False where the table lacks columns that the model uses, until that is allowed."""
    lacking = _lacking(model.id, info.hash, model)
    if not lacking:
        return True
    names = ", ".join(code(name, 40) for name in lacking[:SHOWN])
    more = f" and {len(lacking) - SHOWN:,} more" if len(lacking) > SHOWN else ""
    st.error(
        f"The model uses {count(len(lacking), 'column')} that the table lacks: {names}{more}.",
        icon=":material/playlist_remove:",
    )
    return st.checkbox(
        "Score all the same: what is missing counts as empty in every row",
        key=f"predict_lacking_{info.hash[:8]}",
    )


def _is_unused(issue: ColumnIssue) -> bool:
    """True for a column that the model does not read; its training table may have had it."""
    return issue.kind == "extra" and issue.severity == Severity.INFO


def _show(issue: ColumnIssue) -> None:
    words = escape_markdown(issue.message)
    st.markdown(f"{ICONS[issue.kind]} {f'**{words}**' if issue.kind == 'few' else words}")
