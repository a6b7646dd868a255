"""The tab on what a model learned: importance, effects, interactions, from the run's folder.

Nothing is computed here: a worker explains the model, and the tab shows what it has so far.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from automl_core.charts import (
    column_bars,
    draw_column_importance,
    draw_effect,
    draw_pair,
    draw_words,
    effect_view,
    interaction_words,
    interacts,
    pair_view,
    words_sentence,
)
from automl_core.errors import AutoMLError, RunError
from automl_core.explain import ColumnImportance, Effect, Explanation, PairEffect, agreement
from automl_core.runs import ExplainJob, ExplainRequest, get_manager
from automl_core.runs.record import LeaderRow, RunFolder, StoredExplanation, load_explanation
from pages.components.models.model_build import draw_importance_of_run
from pages.components.shared import OpenRun, choose_cluster, draw_chart, frame, text

POLL_SECONDS = 1.0
CHOICES = {"40 seconds": 40.0, "2 minutes": 120.0, "8 minutes": 480.0}
LISTED = 10  # pairs


@st.cache_data(max_entries=8, show_spinner="Reading what is known of the model …")
def _stored(run: str, trial: int, modified: float) -> StoredExplanation | None:
    del modified  # only a key
    return load_explanation(RunFolder(Path(run)), trial)


def draw_what_it_learned(run: OpenRun, row: LeaderRow) -> None:
    """What is known of the model, and the button that finds it out."""
    if run.state.status.active:
        st.caption("Once the run has ended, a model can be explained: effects and interactions.")
        draw_importance_of_run(run, row)
        return
    job = get_manager().jobs.explain_job(run.folder, row.trial)
    if job is not None and not job.done.done():
        _draw_running(run, job)
        return
    if job is not None and (error := job.done.exception()) is not None:
        if not isinstance(error, AutoMLError):
            raise error
        frame.show_error(error)
    stored = None
    try:
        stored = _load(run, row)
    except RunError as error:  # it is damaged: a new one takes its place
        frame.show_error(error)
    if stored is None:
        _draw_start(run, row, "Explain this model")
        draw_importance_of_run(run, row)
        return
    _draw_facts(stored)
    _draw_all(run, row, stored.explanation)
    if not stored.explanation.done:
        st.caption("The time was over before all was computed.")
        _draw_start(run, row, "Explain it again, with more time")


def _load(run: OpenRun, row: LeaderRow) -> StoredExplanation | None:
    path = run.folder.path / "explanations"
    times = [file.stat().st_mtime for file in path.glob("*.json")] if path.is_dir() else []
    return _stored(str(run.folder.path), row.trial, max(times, default=0.0))


def _draw_start(run: OpenRun, row: LeaderRow, label: str) -> None:
    get_manager().jobs.explainer()  # it is ready by the time that the button is pressed
    with st.container(horizontal=True, vertical_alignment="bottom"):
        taken = st.selectbox("Time for it, at most", list(CHOICES), key="explain_time", width=200)
        cluster = choose_cluster("explain_where")
        if st.button(label, icon=":material/insights:", key="explain_start", type="primary"):
            _ask(run, row, ExplainRequest(CHOICES[taken]), cluster)
    st.caption(
        "Which columns matter, what the model makes of their values, and which of them it reads "
        "together, on rows that it did not train on. A worker does it; the first picture comes "
        "within seconds."
    )


def _ask(run: OpenRun, row: LeaderRow, request: ExplainRequest, cluster: str | None = None) -> None:
    get_manager().jobs.explain(run.folder, row.trial, request, cluster)
    st.rerun()


def _draw_running(run: OpenRun, job: ExplainJob) -> None:
    """What is known so far, drawn again each second."""

    @st.fragment(run_every=POLL_SECONDS)
    def running() -> None:
        if job.done.done():
            st.rerun()
        with st.container(horizontal=True, vertical_alignment="center"):
            st.status("Explaining the model …", state="running", type="compact")
            if st.button("Stop, and keep what is known", key="explain_stop"):
                job.cancel()
        latest = job.latest
        if latest is not None and latest.importance is not None:
            _draw_importance(latest.importance, latest)
        if latest is not None and latest.effects:
            first = latest.effects[0]
            with st.container(border=True):
                st.markdown(f"**Effect of {text.code(first.axis.title, 40)}**")
                _draw_effect(first, 0, run.spec.target)

    running()


def _draw_facts(stored: StoredExplanation) -> None:
    kind = "test row" if stored.on_test else "row held out of training"
    rows = text.count(stored.rows, kind, "" if stored.on_test else "rows held out of training")
    st.caption(f"On {rows}, none of which trained what predicts it.")
    if stored.unused:
        names = ", ".join(text.code(name, 30) for name in stored.unused[:LISTED])
        more = len(stored.unused) - LISTED
        st.caption(f"The model does not read {names}" + (f" and {more} more." if more > 0 else "."))


def _draw_all(run: OpenRun, row: LeaderRow, found: Explanation) -> None:
    if found.importance is not None:
        _draw_importance(found.importance, found)
    if found.effects:
        _draw_effects(run, row, found)
    if found.words:
        _draw_words(run, found)
    if found.pairs:
        _draw_pairs(run, row, found)


def _draw_importance(importance: ColumnImportance, found: Explanation) -> None:
    bars = column_bars(importance)
    drawing = draw_column_importance(bars)
    with st.container(border=True, key="explain_importance"):
        st.markdown("**Which columns matter:** the loss of score when a column is shuffled")
        st.markdown(text.escape_markdown(bars.sentence))
        draw_chart(drawing.figure(), "column_importance", drawing.alt)
        words = (
            f"Mean of {text.count(importance.shuffles, 'shuffle')} of "
            f"{text.count(importance.rows, 'row')}; lines are 95 % intervals."
        )
        if not found.done:
            words += " More rows replace these as time allows: bars and their order may change."
        if any(len(group.columns) > 1 for group in importance.groups):
            words += " Columns that say nearly the same are shuffled together."
        if bars.others:
            verb = "matters" if bars.others == 1 else "matter"
            words += f" {text.count(bars.others, 'other')} {verb} less."
        if importance.left:
            words += f" {text.count(importance.left, 'column')} still to come."
        if (alike := agreement(found)) is not None:
            words += (
                " A second method, how far a column's effect moves predictions, ranks them "
                f"{_alike_words(alike)} (rank correlation {alike:.2f})."
            )
        st.caption(words)


def _alike_words(correlation: float) -> str:
    if correlation >= 0.8:
        return "alike"
    return "partly alike" if correlation >= 0.5 else "otherwise"


def _names(found: Explanation) -> list[str]:
    """The columns that the model reads, those with an effect first, then by importance."""
    groups = () if found.importance is None else found.importance.groups
    known = [effect.axis.column for effect in found.effects]
    return list(dict.fromkeys([*known, *(name for group in groups for name in group.columns)]))


def _draw_effects(run: OpenRun, row: LeaderRow, found: Explanation) -> None:
    effects = {effect.axis.title: effect for effect in found.effects}
    known = {effect.axis.column for effect in found.effects}
    names = [*effects, *(name for name in _names(found) if name not in known)]
    with st.container(border=True, key="explain_effects"):
        with st.container(horizontal=True):
            column = st.selectbox("Effect of the column", names, key="explain_column")
            effect = effects.get(column)
            output = _pick_output(effect.outputs if effect else (), "explain_output")
        if effect is None:
            st.caption(
                "This effect is not computed yet. A text, and a column of one value have none."
            )
            if st.button("Compute it", icon=":material/play_arrow:", key="explain_more"):
                _ask(run, row, ExplainRequest(columns=(column,)))
            return
        _draw_effect(effect, output, run.spec.target)


def _pick_output(outputs: tuple[str, ...], key: str) -> int:
    if len(outputs) < 2:
        return 0
    labels = text.distinct_labels(range(len(outputs)), outputs.__getitem__)
    return st.selectbox("on", list(labels), format_func=labels.__getitem__, key=key)


def _draw_effect(effect: Effect, output: int, target: str) -> None:
    view = effect_view(effect, output, target)
    drawing = draw_effect(view)
    st.markdown(text.escape_markdown(view.sentence))
    draw_chart(drawing.figure(), "effect", drawing.alt)
    axis = effect.axis
    words = [f"Mean over {text.count(effect.rows, 'row')}"]
    if axis.beyond > 0.001:
        what = "other values" if axis.kind == "word" else "values beyond the ends"
        words.append(f"{text.percent(axis.beyond)} are {what}")
    if axis.missing > 0.001:
        words.append(f"{text.percent(axis.missing)} have no value")
    st.caption("; ".join(words) + ".")


def _draw_words(run: OpenRun, found: Explanation) -> None:
    texts = {words.column: words for words in found.words}
    with st.container(border=True, key="explain_words"):
        with st.container(horizontal=True):
            column = st.selectbox("Words of the text", list(texts), key="explain_text")
            words = texts[column]
            output = _pick_output(words.outputs, "explain_text_output")
        st.markdown(text.escape_markdown(words_sentence(words, output, run.spec.target)))
        drawing = draw_words(words, output, run.spec.target)
        draw_chart(drawing.figure(), "text_words", drawing.alt)
        st.caption(
            f"The most frequent words of {text.count(words.rows, 'row')}, each taken out of the "
            "texts that have it; all else stays. Lines are 95 % intervals."
        )


def _draw_pairs(run: OpenRun, row: LeaderRow, found: Explanation) -> None:
    with st.container(border=True, key="explain_pairs"):
        st.markdown("**Which columns it reads together:** interactions, strongest first")
        shown = [pair for pair in found.pairs if interacts(pair)][:LISTED]
        if shown:
            st.dataframe(
                {
                    "Columns": [f"{p.x.column} × {p.y.column}" for p in shown],
                    "Friedman's H": [p.strength for p in shown],
                    "What it means": [interaction_words(p) for p in shown],
                },
                hide_index=True,
                height="content",
                column_config={"Friedman's H": st.column_config.NumberColumn(format="%.2f")},
                alt="The strongest interactions",
            )
        if plain := sum(not interacts(pair) for pair in found.pairs):
            pairs = text.count(plain, "other pair" if shown else "pair")
            st.caption(f"In {pairs} the two effects only add up.")
        names = _names(found)
        strongest = found.pairs[0]
        with st.container(horizontal=True, vertical_alignment="bottom"):
            x = _pick_column("Two columns: the first", names, strongest.x.column, "explain_pair_x")
            others = [name for name in names if name != x]
            second = strongest.y.column if x != strongest.y.column else strongest.x.column
            y = _pick_column("the second", others, second, "explain_pair_y")
            pair = next((p for p in found.pairs if {p.x.column, p.y.column} == {x, y}), None)
            output = _pick_output(pair.outputs if pair else (), "explain_pair_output")
        if pair is not None:
            _draw_pair(pair, output, run.spec.target)
            return
        st.caption("These two are not computed yet. A text, and a column of one value have no map.")
        if st.button("Compute them", icon=":material/play_arrow:", key="explain_pair_more"):
            _ask(run, row, ExplainRequest(columns=(x, y)))


def _pick_column(label: str, names: list[str], usual: str, key: str) -> str:
    index = names.index(usual) if usual in names else 0
    return st.selectbox(label, names, index=index, key=key)


def _draw_pair(pair: PairEffect, output: int, target: str) -> None:
    view = pair_view(pair, output, target)
    st.markdown(text.escape_markdown(view.sentence))
    left, right = st.columns(2)
    for place, beyond in ((left, False), (right, True)):
        drawing = draw_pair(view, beyond)
        with place:
            draw_chart(drawing.figure(), f"pair_{beyond}", drawing.alt)
    st.caption(
        f"Left: the mean over {text.count(pair.rows, 'row')}. Right: what both have beyond the two "
        "effects alone (accumulated local effects); white is nothing, or no data."
    )
