"""The card at the end of a run: the verdict, the score on test rows, what it means, what next.

Says what `result_of` found; computes nothing. The test rows of a run that had no time for them
are scored from here, in a worker.
"""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path

import streamlit as st

from automl_core.charts import metric_short
from automl_core.errors import AutoMLError
from automl_core.evaluation import Grade, grade_rules, plain_number
from automl_core.runs import get_manager, lacks_test_score, own_words
from automl_core.runs.record import HeldOutScore, RunFolder, RunResult, RunSpec, RunState
from pages.components.shared.text import code, error_text, escape_markdown

LOOKS = {  # icon, colour
    Grade.EXCELLENT: (":material/star:", "green"),
    Grade.USEFUL: (":material/check_circle:", "green"),
    Grade.WEAK: (":material/trending_flat:", "orange"),
    Grade.GUESSING: (":material/casino:", "red"),
}
POLL_SECONDS = 0.5
WHY_TWO_SCORES = (
    "The score in validation chose the model, and so may flatter it; the test rows were scored "
    "once, at the end: trust that score."
)


@st.cache_data(max_entries=64, show_spinner=False)
def _own_words(run: str, version: int, _spec: RunSpec, _state: RunState) -> str:
    del version  # only a key: the events of the run
    return own_words(RunFolder(Path(run)), _spec, _state)


def draw_result(folder: RunFolder, spec: RunSpec, state: RunState, result: RunResult) -> None:
    """The verdict, the number with its interval beside the baseline, and what both mean."""
    verdict = result.verdict
    if verdict is not None:
        icon, colour = LOOKS[verdict.grade]
        st.markdown(
            f"### Predicting {code(spec.target)}: :{colour}[{icon} {verdict.grade}]",
            help=grade_rules(spec.metric),
        )
    with st.grid(columns=3, min_column_width=230):
        number, gain, meaning = st.container(), st.container(), st.container()
    where = f"on {result.rows:,} test rows" if result.on_test else "in validation"
    unseen = "On rows that no model saw in training, nor in choosing the best."
    if not result.on_test:
        unseen = f"On {result.place}. They chose the model, too."
    with number:
        st.metric(
            f"{metric_short(spec.metric)} {where}",
            result.number,
            delta=f"95 % interval {result.interval}" if result.interval else None,
            delta_color="off",
            delta_arrow="off",
            help=f"{unseen} {'' if verdict is None else escape_markdown(verdict.meaning)}",
        )
    if verdict is None:
        return
    with gain:
        st.metric(
            "Against the baseline",
            verdict.gain.removesuffix(" than baseline").removesuffix(" to baseline").capitalize(),
            delta=f"baseline {plain_number(result.baseline)}",
            delta_color="off",
            delta_arrow="off",
            help="The baseline gives every row the same answer.",
        )
    with meaning:
        own = _own_words(str(folder.path), state.events, spec, state)
        st.markdown(escape_markdown(own or verdict.meaning))
        st.markdown(escape_markdown(verdict.advice))


def draw_score_now(folder: RunFolder, state: RunState, key: str) -> None:
    """Where the test rows have no score yet: a word on that, and the button that scores them.

    A run of this process is scored without being asked, as soon as it has ended.
    """
    if not lacks_test_score(state):
        return
    job = get_manager().jobs.test_score_job(folder)
    error = None if job is None or not job.done() else job.exception()
    if job is not None and not job.done():
        _wait(job)
        return
    if error is not None:
        words = (
            error_text(error) if isinstance(error, AutoMLError) else "The server's log says why."
        )
        st.error(f"**The test rows could not be scored.**  \n{words}", icon=":material/error:")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            ":material/hourglass_empty: **Not scored on test rows yet:** there was no time left.",
            width="content",
        )
        if st.button("Score now", icon=":material/play_arrow:", key=key):
            get_manager().jobs.score_test_rows(folder)
            st.rerun()


def _wait(job: Future[HeldOutScore]) -> None:
    @st.fragment(run_every=POLL_SECONDS)
    def waiting() -> None:
        st.status("Scoring the test rows …", state="running", type="compact")
        if job.done():
            st.rerun()

    waiting()
