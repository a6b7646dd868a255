"""The memory that the families would need on this table, before Start."""

from __future__ import annotations

import streamlit as st

from automl_core.models import model_spec
from automl_core.runs import get_manager
from automl_core.runs.record import RunOptions
from automl_core.runs.setup import MemoryPlan, plan_memory
from automl_core.search import families
from automl_core.words import size


def draw_memory(options: RunOptions, rows: int, columns: int) -> None:
    """One line: what a model may need, what is free, and what follows; each family as its help."""
    workers = get_manager().workers()
    if workers.room is None or options.cluster:  # no worker has started yet, or none here will
        return
    asked = min(options.workers or workers.count, workers.count)
    plan = plan_memory(families(options.families), rows, columns, asked, workers.room)
    words = (
        f"Memory: a model may need {size(plan.largest)} while it trains; {size(workers.room)} are "
        f"free for all workers."
    )
    if plan.workers < plan.asked:
        words += f" So {plan.workers} of {plan.asked} workers will train."
    if plan.too_large:
        titles = ", ".join(model_spec(name).title for name in plan.too_large)
        words += f" Too large for it, and left out: {titles}."
    st.caption(words, help=_by_family(plan))


def _by_family(plan: MemoryPlan) -> str:
    needs = sorted(plan.needs.items(), key=lambda pair: -pair[1])
    lines = [f"- {model_spec(name).title}: {size(need)}" for name, need in needs]
    return "Estimates, from rows and columns:\n\n" + "\n".join(lines)
