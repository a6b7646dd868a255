"""A model keeps shares and quantiles of its training rows, no row; damage is found."""

from __future__ import annotations

import json

import numpy as np
import pytest

from automl_core.errors import ModelError
from automl_core.scoring.reference import POINTS, read_reference, reference_files
from tests.scoring import shoppers


def test_it_has_shares_and_quantiles_and_comes_back_from_its_file() -> None:
    known = shoppers.shoppers(1000, 0)
    found = shoppers.reference(known)
    assert read_reference(reference_files(found)) == found
    city, age, member = (found.column(name) for name in ("city", "age", "member"))
    assert city is not None and age is not None and member is not None
    assert city.words == ("Oslo", "Bergen", "Narvik", "Molde") and sum(
        city.shares
    ) == pytest.approx(1)
    assert 0.02 < city.missing < 0.08 and not city.more
    assert len(age.points) == POINTS and age.points[64] == np.median(_numbers(known, "age"))
    assert member.words == ("no", "yes") and found.column("nothing") is None
    assert found.sets is not None and abs(found.sets.covered - 0.9) < 0.04


def _numbers(known: shoppers.Shoppers, name: str) -> shoppers.Floats:
    numbers = known.typed.columns[name].numbers
    assert numbers is not None
    return numbers


def test_models_of_old_have_none_and_damage_is_an_error() -> None:
    assert read_reference({}) is None
    files = reference_files(shoppers.reference(shoppers.shoppers(60, 0)))
    plain = json.loads(files["reference.json"])
    assert plain["unlike"] is None and plain["sets"] is None  # 60 rows say too little
    plain["columns"][0]["points"] = [2.0, 1.0]
    for content in (json.dumps(plain).encode(), b"{}", b"[", b'{"format_version": 9}'):
        with pytest.raises(ModelError):
            read_reference({"reference.json": content})
