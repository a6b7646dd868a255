"""The ensemble's parts as bars: heaviest first, coloured by family, plain data."""

from __future__ import annotations

import json

from automl_core.charts.ensemble import draw_parts, ensemble_parts
from automl_core.charts.theme import family_colour
from automl_core.runs.record.state import RunState
from tests.fake_run import Shape, run_state


def test_parts_are_the_trials_heaviest_first_and_their_weights_sum_to_one() -> None:
    state = run_state(Shape(trials=12))
    parts = ensemble_parts(state)
    assert state.ensemble is not None
    assert {p.trial for p in parts} == set(state.ensemble.trials)
    assert [p.weight for p in parts] == sorted(state.ensemble.weights, reverse=True)
    assert abs(sum(p.weight for p in parts) - 1) < 1e-9
    assert parts[0].score == state.trials[parts[0].trial].score


def test_bars_carry_the_colours_of_the_families() -> None:
    parts = ensemble_parts(run_state(Shape(trials=12)))
    drawing = draw_parts(parts)
    for trace in drawing.traces:
        assert trace["marker"]["color"] == family_colour(trace["uid"].removeprefix("weights-"))
    assert sorted(y for t in drawing.traces for y in t["y"]) == list(range(len(parts)))
    assert len(drawing.layout["yaxis"]["ticktext"]) == len(parts)
    json.dumps([drawing.traces, drawing.layout], allow_nan=False)
    drawing.figure()


def test_a_run_without_an_ensemble_has_no_parts() -> None:
    assert ensemble_parts(RunState()) == ()
    assert draw_parts(()).traces == ()
