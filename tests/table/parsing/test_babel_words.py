"""Months and weekdays of many languages."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest

from automl_core.table.inference.schema_inference import infer_schema
from automl_core.table.parsing.babel_words import day_names, month_names
from automl_core.table.parsing.parse import parse_column


def test_a_name_is_one_month() -> None:
    names = month_names()
    assert names["stycznia"] == names["января"] == names["tammikuuta"] == "Jan"
    assert names["listopad"] == "Nov"
    assert "niedziela" in day_names()


@pytest.mark.parametrize(
    ("months", "written"),
    [
        ("sty lut mar kwi maj cze lip sie wrz paź lis gru", "{d} {m} {y}"),
        (
            "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
            "{d} {m} {y} г.",
        ),
        ("Oca Şub Mar Nis May Haz Tem Ağu Eyl Eki Kas Ara", "{d} {m} {y}"),
        (
            "január február március április május június július augusztus szeptember október "
            "november december",
            "{y}. {m} {d}.",
        ),
        ("jan. feb. mar. apr. maj jun. jul. aug. sep. okt. nov. dec.", "{d}. {m} {y}"),
    ],
)
def test_dates_with_months_of_other_languages(months: str, written: str) -> None:
    days = [dt.date(2019 + i % 3, i % 12 + 1, i % 27 + 1) for i in range(60)]
    names = months.split()
    cells = pa.array([written.format(d=d.day, m=names[d.month - 1], y=d.year) for d in days])
    column = infer_schema(pa.table({"when": cells})).column("when")
    assert column.role == "datetime"
    numbers = parse_column(cells, "when", column.parse).numbers
    assert numbers is not None
    assert numbers.tolist() == [(d - dt.date(1970, 1, 1)).days * 86_400 for d in days]
