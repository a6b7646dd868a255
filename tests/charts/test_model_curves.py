"""Curves of several models: their numbers, their sentence, safe names."""

from __future__ import annotations

import numpy as np

from automl_core.charts import (
    draw_error_curves,
    draw_model_rocs,
    error_curve,
    error_sentence,
    roc_sentence,
)
from automl_core.evaluation import RocCurve


def test_error_curves_end_where_nearly_all_rows_are_within() -> None:
    good = error_curve("<i>good", np.arange(1_000) / 1_000)
    bad = error_curve("bad", np.append(2 * np.arange(999) / 1_000, 500.0))
    assert len(good.error) <= 300 and good.share[-1] == 1.0
    assert error_sentence([good, bad]).startswith("Further up and to the left is better. Half of")
    assert "within 0.4995 with <i>good" in error_sentence([bad, good])
    drawing = draw_error_curves([good, bad], "Absolute error")
    figure = drawing.figure()
    assert figure.data[0].name == "&lt;i&gt;good"
    assert 1.5 < figure.layout.xaxis.range[1] < 3
    assert drawing.alt.startswith("Absolute error by model.")


def test_roc_curves_are_named_by_their_models() -> None:
    curves = [RocCurve("a", (0.0, 1.0), (0.0, 1.0), 0.5), RocCurve("b", (0.0,), (1.0,), 1.0)]
    drawing = draw_model_rocs(curves)
    assert [trace.name for trace in drawing.figure().data] == [
        "a, AUC 0.5000",
        "b, AUC 1.0000",
        "random",
    ]
    assert "b has the largest area: 1.0000" in roc_sentence(curves)
