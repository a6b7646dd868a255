"""Calibration by group as drawn: curves of a few groups, the errors of all."""

from __future__ import annotations

import pytest

from automl_core.charts.group_calibration import (
    curves_shown,
    draw_group_calibration,
    draw_group_errors,
)
from automl_core.evaluation.group_calibration import GroupCalibration, GroupCurve


def made(share: bool = True) -> GroupCalibration:
    groups = tuple(
        GroupCurve(
            f"g{i}<", 100 + i, (0.2, 0.8), (0.2 + error, 0.8), (0.1, 0.7), (0.4, 0.9), error,
            error / 2, 2 * error, 0.5,
        )
        for i, error in enumerate((0.01, 0.06, 0.02, 0.03, 0.04, 0.05))
    )  # fmt: skip
    return GroupCalibration("city", share, groups, ("g1<",), (), None, "A sentence.")


def test_the_groups_most_and_least_off_are_drawn_unless_others_are_wanted() -> None:
    found = made()
    assert curves_shown(found) == ("g0<", "g1<", "g2<", "g5<")
    assert curves_shown(found, ["g4<", "g3<"]) == ("g3<", "g4<")
    drawing = draw_group_calibration(found, "yes", ["g4<"])
    line, curve = drawing.traces
    assert line["x"] == line["y"] == [0, 100]
    assert curve["name"] == "g4&lt;" and curve["x"] == [20, 80] and curve["y"] == [24, 80]
    assert curve["error_y"]["array"] == pytest.approx([16, 10])
    assert drawing.layout["xaxis"]["range"] == [0, 84]
    assert drawing.layout["yaxis"]["range"] == [0, 94.5]
    assert "Share that is “yes”" in drawing.layout["yaxis"]["title"]["text"]
    assert "g4&lt;" in drawing.alt and "A sentence." in drawing.alt
    drawing.figure()


def test_values_keep_the_unit_of_the_target() -> None:
    drawing = draw_group_calibration(made(share=False), "price")
    assert drawing.traces[1]["x"] == [0.2, 0.8]
    assert drawing.layout["xaxis"]["title"]["text"] == "Predicted price"
    errors = draw_group_errors(made(share=False), "price")
    assert errors.layout["xaxis"]["title"]["text"].replace("<br>", " ").endswith("error, price")


def test_errors_of_all_groups_stand_with_their_intervals() -> None:
    chance, off = draw_group_errors(made(), "").traces
    assert off["y"] == [1] and off["x"] == [6] and off["error_x"]["array"] == [6]
    assert chance["y"] == [0, 2, 3, 4, 5] and chance["x"] == [1, 2, 3, 4, 5]
    assert chance["error_x"]["arrayminus"] == [0.5, 1, 1.5, 2, 2.5]
