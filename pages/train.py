"""Train: pick a target and a budget, start; then watch the run while it learns."""

from __future__ import annotations

import streamlit as st

from automl_core.errors import AutoMLError
from pages.components.shared import frame, live_plot, session
from pages.components.train import live_view, target_form


def unknown_run(run_id: str, error: AutoMLError) -> None:
    """The address names a run that is not there, or cannot be read."""
    frame.draw_title("Train")
    frame.show_error(error)
    st.caption("The id of this run, for whoever looks into it:")
    st.code(run_id, language=None)
    st.button("New run", type="primary", key="new_run", on_click=session.set_run, args=(None,))


with frame.open_page("Train", title=False):
    run = session.current_run()
    if run is not None:
        try:
            live_view.show_run(run)
        except AutoMLError as error:
            unknown_run(run, error)
    else:
        frame.draw_title("Train")
        table, schema = session.current_table(), session.current_schema()
        if table is None or schema is None:
            frame.nothing_here(
                "**There is no table yet.** Upload one, or try a sample, on the Home page.",
                ":material/table_chart:",
                "Choose a table",
                "Home",
                key="train_empty",
            )
        else:
            target_form.draw_form(table, schema)
    live_plot.load()  # already here: the charts then need not wait for it after Start
