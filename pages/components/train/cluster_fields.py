"""Where a run trains: this machine, or a Ray cluster with the nodes that it has now.

Drawn only where Ray is installed.
"""

from __future__ import annotations

import streamlit as st

from automl_core.runs import get_manager
from automl_core.runs.executor import ClusterFacts
from automl_core.runs.record import Option
from pages.components.shared import HERE, count, escape_markdown, offered_places
from pages.components.train.form_request import key_of
from pages.components.train.form_state import chosen, forget, remember

LOOK_SECONDS = 1.0  # between two looks at the answer


def draw_cluster(option: Option) -> None:
    """The choice, and what the chosen cluster has; nothing where there is no choice."""
    labels, key = offered_places(), key_of(option.name)
    if not labels:
        forget((key,))  # an earlier run may have had one
        return
    remember(key, HERE, list(labels))
    st.selectbox(
        option.label, list(labels), format_func=labels.__getitem__, key=key, help=option.help
    )
    if address := chosen(key):
        _draw_look(str(address))


def _draw_look(address: str) -> None:
    look = get_manager().cluster(address)
    if not look.done():
        _wait_for(address)
    elif (facts := look.result().facts) is None:
        st.warning(escape_markdown(look.result().words), icon=":material/cloud_off:")
    else:
        draw_facts(facts)


@st.fragment(run_every=LOOK_SECONDS)
def _wait_for(address: str) -> None:
    """Look until there is an answer; the page then shows it, and nothing looks any more."""
    if get_manager().cluster(address).done():
        st.rerun()
    st.caption("Asking the cluster what it has ...")


def draw_facts(facts: ClusterFacts) -> None:
    """Nodes, CPUs, GPUs and memory; each node as the help, and what slows one down."""
    lines = [
        f"- {escape_markdown(node.name)}: {count(node.cpus, 'CPU')}, {count(node.gpus, 'GPU')}"
        for node in facts.nodes
    ]
    st.caption(f"The cluster has {facts.words}.", help="\n".join(lines))
    for node in facts.nodes:
        if node.warning:
            st.caption(f":material/warning: {escape_markdown(node.warning)}")
