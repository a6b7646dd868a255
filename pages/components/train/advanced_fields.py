"""The advanced fields of the training form: all options that can be left alone."""

from __future__ import annotations

import streamlit as st

from automl_core.models import CATALOG
from automl_core.settings import WEBHOOK_HOSTS
from automl_core.table import Schema
from pages.components.train.cluster_fields import draw_cluster
from pages.components.train.form_request import OPTIONS, TEST
from pages.components.train.form_state import chosen
from pages.components.train.option_fields import (
    draw_address,
    draw_choice,
    draw_column,
    draw_device,
    draw_limit,
    draw_names,
    draw_whole_number,
)
from pages.components.train.test_table import OWN_TABLE, draw_test_table

TIMES = ("number", "datetime")  # kinds of columns that have an order


def draw_advanced(schema: Schema, target: str) -> None:
    """The section, closed until it is opened."""
    with st.expander("Advanced", icon=":material/tune:", key="train_advanced"):
        left, right = st.columns(2)
        with left:
            _draw_families()
            names = [n for n in schema.names if n != target]
            draw_names(OPTIONS["drop"], names, "None")
            with st.container(horizontal=True):
                draw_limit(OPTIONS["max_predict_ms"], 0.1)
                draw_limit(OPTIONS["max_size_mb"], 1.0)
        with right:
            with st.container(horizontal=True):
                draw_choice(OPTIONS["folds"])
                more = {OWN_TABLE: "A file of its own"}
                draw_choice(OPTIONS["test_fraction"], TEST, more)
                draw_choice(OPTIONS["columns"])
                draw_choice(OPTIONS["features"])
            if chosen(TEST) == OWN_TABLE:
                draw_test_table()
            _draw_split_columns(schema, target)
            draw_choice(OPTIONS["copies"])
            with st.container(horizontal=True):
                draw_whole_number(OPTIONS["workers"])
                draw_whole_number(OPTIONS["most_rows"])
                draw_whole_number(OPTIONS["seed"])
                draw_device(OPTIONS["device"])
            draw_cluster(OPTIONS["cluster"])
            draw_address(OPTIONS["webhook"], offered=bool(WEBHOOK_HOSTS.entries()))


def _draw_families() -> None:
    titles = {m.name: m.title for m in CATALOG if m.kind != "baseline"}
    draw_names(OPTIONS["families"], list(titles), "All of them", titles.__getitem__)


def _draw_split_columns(schema: Schema, target: str) -> None:
    """The columns that say which rows stay on one side of a split, and which are later."""
    columns = [c for c in schema.columns if c.name != target]
    ordered = [c.name for c in columns if c.parse.kind in TIMES or c.role == "time"]
    with st.container(horizontal=True):
        for name, names in (("group", [c.name for c in columns]), ("time", ordered)):
            by_role = next((c.name for c in columns if c.role == name), None)
            # the role alone decides in spec_builder.py, so none is no choice
            draw_column(OPTIONS[name], names, by_role, required=by_role is not None)
