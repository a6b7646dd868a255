"""The public face of `automl_core`: what it names is there, sorted, and comes when asked for."""

from __future__ import annotations

import pytest

import automl_core


def test_all_is_sorted_and_complete() -> None:
    assert automl_core.__all__ == sorted(set(automl_core.__all__))
    assert dir(automl_core) == automl_core.__all__


@pytest.mark.parametrize("name", automl_core.__all__)
def test_every_name_can_be_imported(name: str) -> None:
    thing = getattr(automl_core, name)
    assert thing.__name__ == name
    assert thing.__doc__


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="strat"):
        _ = automl_core.strat
