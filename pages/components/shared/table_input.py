"""Bringing a table in: from an upload, from a path on the server, or from a sample.

Every way ends the same: the rows are stored by their content, the schema is inferred, and the
session works on that table. A file is read in a thread of its own: a short one while the page
waits, a long one behind a bar with a button to cancel. A file that cannot be read stays
available, so that its settings can be changed and it can be read again. Draws only the fields
for choosing a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from automl_core.errors import AutoMLError
from automl_core.limits import check_uploads
from automl_core.table import ReadOptions, Report, TableInfo, put_table, save_info
from automl_core.table.reading import (
    ReadSettings,
    Upload,
    detect_settings,
    ingest_query,
    ingest_several,
    known_formats,
    open_server_path,
    save_upload,
    upload_path,
)
from automl_core.table.sample_data import Sample, make_sample
from pages.components.shared import frame, reading_settings, session
from pages.components.shared.access import workspace
from pages.components.shared.allowed_paths import (
    database_hosts,
    how_to_allow_databases,
    how_to_allow_folders,
    server_folders,
)
from pages.components.shared.database_field import draw_database_form
from pages.components.shared.reading_job import ReadingJob, of_file
from pages.components.shared.text import escape_markdown, one_line, size

PATIENCE = 1.5  # seconds that a page waits for a file before it draws a bar
POLL = 0.5  # seconds between two looks at the reading
_JOB = "reading_job"
FORMATS = f"{known_formats()}; packed too (gzip, zip, bzip2, xz, zstd)."


def what_is_taken() -> str:
    """The kinds of files that can be uploaded, and their size."""
    return f"{FORMATS} Up to {size(1e6 * st.get_option('server.maxUploadSize'))} a file."


def draw_uploader() -> bool:
    """The upload field, or the file being read; True once it was and is the current table."""
    if draw_underway():
        return True
    if underway() is not None:
        return False
    with st.container(key="upload"):
        files = st.file_uploader(
            "Upload a table",
            key=session.upload_key(),
            accept_multiple_files=True,
            help=f"{what_is_taken()} Several files of the same columns become one.",
            label_visibility="collapsed",
        )
    if not files:
        return False
    sizes = [file.size for file in files]
    try:
        with st.spinner(f"Copying {size(sum(sizes))} …", show_time=True):
            check_uploads(sizes, workspace())
            uploads = [save_upload(file, file.name, workspace()) for file in files]
    except AutoMLError as error:
        session.renew_upload_key()
        session.set_failed(None, error)
        st.rerun()
    # A new key lets go of the upload: the browser session would keep its bytes in memory.
    session.renew_upload_key()
    if not _read_uploads(uploads):
        st.rerun()
    return True


def _read_uploads(uploads: Sequence[Upload]) -> bool:
    if len(uploads) == 1:
        return read(session.Source(uploads[0].name, upload=uploads[0].id))
    root = workspace()
    files = [(upload_path(upload.id, root), upload.name) for upload in uploads]

    def store(report: Report) -> TableInfo | None:
        return ingest_several(files, root, report)

    return _begin(ReadingJob(f"{len(files)} files", store, root))


def draw_database() -> bool:
    """The form for asking a database, where that is allowed; True once the answer was read."""
    if underway() is not None:
        return False
    query = draw_database_form()
    if query is None:
        return False
    root = workspace()

    def store(report: Report) -> TableInfo | None:
        return ingest_query(query, root, report)

    return _begin(ReadingJob("the database's answer", store, root))


def draw_server_path() -> bool:
    """The field for a path on the server, where its owner allows one; True once it was read."""
    roots = server_folders()
    if not roots or underway() is not None:
        return False
    with st.form("server_path_form", border=False):
        field, button = st.columns([4, 1], vertical_alignment="bottom")
        text = field.text_input(
            "Or open a file on this machine",
            placeholder="/data/customers.parquet",
            help="Only files below: " + ", ".join(f"`{root}`" for root in roots),
            key="server_path",
        )
        asked = button.form_submit_button("Open", key="server_path_open", width="stretch")
    if not asked or not text:
        return False
    try:
        path = open_server_path(text, roots)
    except AutoMLError as error:
        session.set_failed(None, error)
        return False
    return read(session.Source(path.name, path=str(path)))


def draw_not_allowed() -> None:
    """What else could be read here once the server's owner allows it, and how that is done."""
    ways = []
    if not server_folders():
        ways.append(("files on this machine", how_to_allow_folders()))
    if database_hosts() == ():
        ways.append(("databases", how_to_allow_databases()))
    if ways:
        what = " and ".join(name for name, _ in ways)
        st.caption(
            f"{what[0].upper()}{what[1:]} are read once the owner of this server allows it.",
            help="\n\n".join(f"**{name.capitalize()}.** {how}" for name, how in ways),
        )


def draw_failed() -> bool:
    """Show why the file was not read, and settings to read it differently; True once it was."""
    failed = session.failed()
    if failed is None:
        return False
    frame.show_error(failed.error)
    if failed.source is None:
        return False
    settings = failed.settings or detected(failed.source)
    if settings is None:  # no table, whatever the settings
        _draw_discard()
        return False
    with st.container(border=True, key="read_settings"):
        st.caption("The file is still here. Change how it is read, then read it again.")
        changed = reading_settings.draw_form(settings, session.RETRY_KEY)
        _draw_discard()
    if changed is None:
        return False
    if not read(failed.source, changed):
        st.rerun()  # for the new message
    return True


def _draw_discard() -> None:
    if st.button("Discard file", type="tertiary", icon=":material/close:", key="forget_failed"):
        session.set_failed(None, None)
        st.rerun()


def read(source: session.Source, how: ReadSettings | ReadOptions | None = None) -> bool:
    """Read the source and work on it; where it cannot be read, say why and keep it.

    Where that takes long the page goes on without it, and `draw_underway` shows the progress.
    """
    settings = how if isinstance(how, ReadSettings) else None
    try:
        store = of_file(source, located(source), workspace(), how)
    except AutoMLError as error:  # the file is no longer there
        session.set_failed(source, error, settings)
        return False
    return _begin(ReadingJob(source.name, store, workspace(), source, settings))


def _begin(job: ReadingJob) -> bool:
    """Read in the background, a short while before the page's eyes; whether it is done."""
    before = underway()
    if before is not None:
        before.cancel()
    job.start()
    with st.spinner("Reading the table …", show_time=True):
        over = job.wait(PATIENCE)
    session.remember(_JOB, job)
    if not over:
        st.rerun()
    return _settle(job)


def underway() -> ReadingJob | None:
    """The file that this session is reading, if any; it may just be over."""
    return session.remembered(_JOB, ReadingJob)


def draw_underway() -> bool:
    """The progress of reading, with a button to cancel; True once the table is the current one."""
    job = underway()
    if job is None:
        return False
    if job.over:
        return _settle(job)
    _watch()
    return False


@st.fragment(run_every=POLL)
def _watch() -> None:
    with frame.errors_shown(), st.container(border=True, key="reading_job"):
        job = underway()
        if job is None or job.over:
            st.rerun()
        share = job.done / job.total if job.total else 0.0
        st.progress(min(1.0, share), text=_how_far(job))
        if st.button("Cancel", icon=":material/close:", key="cancel_reading"):
            job.cancel()


def _how_far(job: ReadingJob) -> str:
    name = escape_markdown(one_line(job.name, 60))
    if job.stored:
        return f"Looking at the columns of {name} …"
    if not job.total:  # the number of rows of a query is not known before
        rows = f", {job.done:,} rows so far" if job.done and job.source is None else ""
        return f"Looking at {name}{rows} …"
    return f"Reading {name}: {size(job.done)} of {size(job.total)}"


def _settle(job: ReadingJob) -> bool:
    """Take the result of a finished reading; True where its table is the current one now."""
    session.remember(_JOB, None)
    if isinstance(job.error, AutoMLError):
        session.set_failed(job.source, job.error, job.settings)
        return False
    if job.error is not None:
        raise job.error
    session.set_failed(None, None)
    if job.info is None:
        st.toast("Reading was cancelled; nothing was kept.")
        return False
    session.set_table(job.info)
    if job.source is not None:
        session.set_source(job.info.hash, job.source)
    session.set_run(None)
    session.current_schema()
    return True


def located(source: session.Source) -> Path:
    """The path of the source's bytes; a path on the server is checked anew each time."""
    if source.path:
        return open_server_path(source.path, server_folders())
    return upload_path(source.upload, workspace())


def detected(source: session.Source) -> ReadSettings | None:
    """The settings that the source would be read with; None where it holds no known table."""
    try:
        return detect_settings(located(source), source.name)
    except (AutoMLError, OSError):
        return None


def open_sample(sample: Sample) -> None:
    """Work on a sample table."""
    table = make_sample(sample.name)
    info = TableInfo(
        hash=put_table(table, workspace()),
        name=sample.title,
        rows=table.num_rows,
        columns=table.num_columns,
        settings={"source": "generated" if sample.generated else "scikit-learn"},
    )
    save_info(info, workspace())
    session.set_table(info)
    session.set_run(None)
    session.set_target(sample.target)
