"""Where a run trains: this machine, or a Ray cluster with the nodes that it has now.

Drawn only where Ray is installed. The clusters are those that the owner of the server named: who
names a cluster lets it run programs here.
"""

from __future__ import annotations

import streamlit as st

from automl_core.runs import get_manager
from automl_core.runs.executor import ClusterFacts, has_ray
from automl_core.runs.record import Option
from automl_core.settings import CLUSTERS
from pages.components.shared import count, escape_markdown
from pages.components.train.form_request import key_of
from pages.components.train.form_state import chosen, forget, remember

HERE = ""  # no cluster: this machine
LOOK_SECONDS = 1.0  # between two looks at the answer


def clusters() -> tuple[str, ...]:
    """The addresses that may be chosen; none where Ray is not installed."""
    return (CLUSTERS.entries() or ("auto",)) if has_ray() else ()


def draw_cluster(option: Option) -> None:
    """The choice, and what the chosen cluster has; nothing where there is no choice."""
    offered, key = clusters(), key_of(option.name)
    if not offered:
        forget((key,))  # an earlier run may have had one
        return
    labels = {HERE: "This machine"}
    labels |= {a: "Ray cluster" if a == "auto" else f"Ray cluster at {a}" for a in offered}
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
