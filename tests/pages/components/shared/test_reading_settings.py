"""Settings go into words and back, those of older tables too."""

from __future__ import annotations

import pytest

from automl_core.table.reading import ReadSettings
from pages.components.shared.reading_settings import describe, settings_of

ALL = [
    ReadSettings("csv"),
    ReadSettings("csv", "cp1252", ";", "", ",", header=False, skip_rows=3),
    ReadSettings("csv", units_row=True, footer_rows=2, given=("header", "footer_rows")),
    ReadSettings("csv", escape="\\", nuls=True),
    ReadSettings("csv", delimiter="\x1f", quote="", column_starts=(0, 5, 9)),
    ReadSettings("csv", delimiter="||", wrapped=True, header_rows=2),
    ReadSettings("excel", sheet="Data", sheets=("Cover", "Data"), units_row=True),
    ReadSettings("json", "utf-16", decimal=","),
    ReadSettings("parquet"),
]


@pytest.mark.parametrize("settings", ALL, ids=lambda s: s.format)
def test_words_and_back(settings: ReadSettings) -> None:
    assert settings_of(settings.for_people()) == settings
    assert describe(settings)


def test_words_of_tables_stored_before() -> None:
    words = {
        "format": "csv", "encoding": "utf-8", "delimiter": "semicolon", "quote": '"',
        "decimal": "comma", "header": "yes", "skipped rows": "1",
    }  # fmt: skip
    expected = ReadSettings("csv", delimiter=";", decimal=",", skip_rows=1)
    assert settings_of(words) == expected
    assert settings_of({"source": "scikit-learn"}) is None
    assert settings_of(words | {"skipped rows": "many"}) is None
