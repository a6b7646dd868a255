"""Words for a price of nothing: "Free" among amounts of money is 0, not a missing cell."""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc

from automl_core.table.inference.column_stats import ColumnStats

_FREE = (
    "free", "free!", "for free", "free of charge", "free shipping", "no charge", "complimentary",
    "kostenlos", "gratis", "umsonst", "gratuit", "gratuito", "grátis", "gratuita", "бесплатно",
    "免费", "無料", "무료",
)  # fmt: skip
_PRICE_NAME = re.compile(
    r"price|cost|fee\b|fees\b|fare|charge|amount|paid|preis|kosten|prix|precio|prezzo|preço|цена"
)
_PRICED = 0.5  # share of the different cells that carry a sign of money


def zero_words(stats: ColumnStats) -> tuple[str, ...]:
    """The words for 0 that the column has, in lower case; none where it holds no prices."""
    lowered = pc.utf8_lower(stats.written)
    found = lowered.filter(pc.is_in(lowered, pa.array(_FREE)))
    if not len(found):
        return ()
    money = stats.shapes.money
    priced = len(money) - money.null_count >= _PRICED * (len(money) - len(found))
    named = _PRICE_NAME.search(stats.name.lower()) is not None
    return tuple(sorted(set(found.to_pylist()))) if priced or named else ()
