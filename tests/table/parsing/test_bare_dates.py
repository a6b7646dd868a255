"""Dates in brackets, in quotes, with weekdays, zones and parts of a second: the same dates."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from automl_core.table.inference import infer_schema
from automl_core.table.parsing import bare_dates, parse_column, seconds_of_text
from automl_core.table.schema import ParseRule

MOMENTS = [
    dt.datetime(2020, 1, 1, 4, 5, 7, tzinfo=dt.UTC) + i * dt.timedelta(days=17, hours=1)
    for i in range(60)
]


@pytest.mark.parametrize(
    ("written", "more"),
    [
        ("[%d/%b/%Y:%H:%M:%S +0000]", 0), ("[%d/%b/%Y:%H:%M:%S +0200]", -7200),
        ("[%a %b %d %H:%M:%S.250000 %Y]", 0.25), ("{%Y-%m-%dT%H:%M:%SZ}", 0),
        ("'%Y-%m-%d %H:%M:%S'", 0), ("«%d.%m.%Y %H:%M:%S»", 0), ("<%Y-%m-%d %a %H:%M:%S>", 0),
        ('ISODate("%Y-%m-%dT%H:%M:%S.123456789Z")', 0.123456789),
        ("Timestamp('%Y-%m-%d %H:%M:%S')", 0), ('"(%d.%m.%Y %H:%M:%S)"', 0),
        ("%d.%m.%Y (%A) %H:%M:%S", 0), ("%d.%m.%Y %H:%M:%S, %a", 0),
        ("%a %b %d %Y %H:%M:%S GMT+0100 (Central European Standard Time)", -3600),
        ("%Y-%m-%dT%H:%M:%S+01:00[Europe/Paris]", -3600), ("%Y-%m-%dT%H:%M:%S[UTC]", 0),
        ("%H:%M:%S.5 %d/%m/%Y", 0.5), ("%d-%b-%y %I.%M.%S.123456789 %p", 0.123456789),
        ("%Y-%m-%d-%H.%M.%S.250000", 0.25), ("%Y%m%d%H%M%S.000", 0),
        ("%d-%b-%Y %H:%M:%S:125", 0.125), ("%Y-%m-%dt%H:%M:%S,1234567z", 0.1234567),
    ],
)  # fmt: skip
def test_what_stands_around_a_date_is_no_part_of_it(written: str, more: float) -> None:
    cells = pa.array([moment.strftime(written) for moment in MOMENTS])
    column = infer_schema(pa.table({"seen": cells})).column("seen")
    assert (column.role, column.missing) == ("datetime", 0), column.reason
    found = parse_column(cells, "seen", column.parse).numbers
    expected = [moment.timestamp() + more for moment in MOMENTS]
    assert found == pytest.approx(expected, abs=1e-4, rel=0)


@pytest.mark.parametrize("written", ["%Y-%m-%dZ", "%Y-%m-%d+02:00", "%a %Y-%m-%d", "%d.%m.%Y (%a)"])
def test_a_zone_and_a_weekday_do_not_change_the_day(written: str) -> None:
    cells = pa.array([moment.strftime(written) for moment in MOMENTS])
    column = infer_schema(pa.table({"day": cells})).column("day")
    found = parse_column(cells, "day", column.parse).numbers
    assert found is not None
    days = [moment.date().isoformat() for moment in MOMENTS]
    assert found.astype("datetime64[s]").astype("datetime64[D]").astype(str).tolist() == days


def test_new_rows_may_have_brackets_where_the_training_rows_had_none_and_the_other_way() -> None:
    for format in ("%Y-%m-%d", "[%Y-%m-%d]", "%a, %Y-%m-%d"):  # as older models keep it, too
        rule = ParseRule("datetime", formats=(format,))
        cells = pa.array(["2021-01-04", "[2021-01-04]", "Mon, 2021-01-04", '"2021-01-04"', None])
        found = parse_column(cells, "day", rule).numbers
        assert found is not None and np.isnan(found[-1])
        assert found[:4].tolist() == [1_609_718_400] * 4
    assert seconds_of_text(pa.array(["[2021-01-04]"]), ("[%Y-%m-%d]",)).tolist() == [1_609_718_400]


def test_words_and_numbers_stay_as_they_are() -> None:
    cells = ["(a)b", "f(x)", "Monday's", "12 (est.)", "", None, "Sunset 2020", "01-02-2020 (est)"]
    assert bare_dates(pa.array(cells)).to_pylist()[3:] == [
        "12 (est.)",
        "",
        None,
        "Sunset 2020",
        "01-02-2020 (est)",
    ]
