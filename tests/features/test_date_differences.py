"""Days between two dates."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from automl_core.features.encode import Encoder, fit_encoder
from automl_core.features.feature_layout import Encoding
from automl_core.table.parsing.parse import parse_table
from tests.features.one_column import column_of

COLUMNS = [column_of("ordered", "datetime"), column_of("sent", "datetime")]
DAY = 86_400


def _fit(encoding: Encoding) -> tuple[Encoder, np.ndarray]:
    start = np.arange(8) * 40 * DAY
    sent = [*(start[:7] + np.array([1, 2, 3, 4, 5, 6, 7]) * DAY).tolist(), None]
    table = pa.table(
        {"ordered": pa.array(start, pa.timestamp("s")), "sent": pa.array(sent, pa.timestamp("s"))}
    )
    typed = parse_table(table, COLUMNS)
    return fit_encoder(typed, COLUMNS, np.arange(8) % 2, "binary", 2, encoding, 0)


def test_days_from_one_date_to_the_other() -> None:
    encoder, matrix = _fit(Encoding("target", "nan", "plain"))
    assert encoder.features[-1].name == "days from ordered to sent"
    gap = encoder.gaps[0].scaling
    days = matrix[:7, -1] * gap.scale + gap.centre
    assert np.round(days, 3).tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert np.isnan(matrix[7, -1])


def test_filled_where_asked_and_absent_from_plain_features() -> None:
    _, matrix = _fit(Encoding("code", "fill", "robust"))
    assert matrix[7, -1] == 0 and not np.isnan(matrix).any()
    assert _fit(Encoding("code", "fill", "robust", rich=False))[0].gaps == ()
