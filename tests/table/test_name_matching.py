"""Names that people take for the same are matched, one to one, and the difference is shown."""

from __future__ import annotations

import unicodedata

import pyarrow as pa
import pytest

from automl_core.table.name_matching import (
    match_names,
    name_difference,
    renamed_words,
    seen_beside,
    similar_names,
    with_names_of,
)

NFD = unicodedata.normalize("NFD", "Größe")
SAME = [
    ("Größe", NFD, "their Unicode form"),
    (NFD, "Größe", "their Unicode form"),
    ("m²", "m2", "their Unicode form"),
    ("Ｐreis", "Preis", "their Unicode form"),
    ("a b", "a\u00a0b", "blanks"),
    ("a b", "a  b", "blanks"),
    ("a b", " a\u2009b\u3000", "blanks"),
    ("Preis", "Pre\u200bis", "invisible characters"),
    ("Preis", "\ufeffPreis", "invisible characters"),
    ("\u0646\u200c\u0645", "\u0646\u0645", "invisible characters"),
    ("Preis", "PREIS", "capital letters"),
    ("Straße", "STRASSE", "capital letters"),
    ("unit price", "unit_price", "the signs between words"),
    ("unit.price", "unit-price", "the signs between words"),
    ("Score 1", "score_1", "capital letters and the signs between words"),
    ("2nd half", "2nd-half", "the signs between words"),
    ("Größe", f" {NFD.upper()}\u200b", "invisible characters and blanks and their Unicode form"),
]


@pytest.mark.parametrize(("wanted", "given", "what"), SAME)
def test_names_that_look_the_same_match(wanted: str, given: str, what: str) -> None:
    assert match_names([wanted, "other"], ["more", given]) == {wanted: given}
    assert name_difference(wanted, given).startswith(what)
    assert seen_beside(wanted, given) != seen_beside(given, wanted)


@pytest.mark.parametrize(("wanted", "given"), [("1.2", "1-2"), ("a", "a_"), ("_a", "a")])
def test_signs_that_join_no_words_tell_names_apart(wanted: str, given: str) -> None:
    assert match_names([wanted], [given]) == {}


@pytest.mark.parametrize("given", ["Preise", "Pre is", "P", ""])
def test_other_names_do_not(given: str) -> None:
    assert match_names(["Preis"], [given]) == {}


def test_never_two_to_one() -> None:
    assert match_names(["price"], ["PRICE", "Price"]) == {}
    assert match_names(["price", "Price"], ["PRICE"]) == {}
    assert match_names(["price"], ["price", "Price", "PRICE"]) == {"price": "price"}
    assert match_names(["price", "Price"], ["Price", "PRICE"]) == {"Price": "Price"}
    assert similar_names("price", ["PRICE", "Price ", "cost"]) == ["PRICE", "Price "]


def test_the_nearest_of_several_is_taken() -> None:
    assert match_names(["Age", "age"], ["age ", "Age "]) == {"Age": "Age ", "age": "age "}
    assert match_names(["age"], ["AGE", "\u00a0age"]) == {"age": "\u00a0age"}
    assert match_names(["a b"], ["A-B", "A B"]) == {"a b": "A B"}
    assert match_names(["a b", "a_b"], ["a-b"]) == match_names(["a b"], ["a-b", "a_b"]) == {}


def test_what_cannot_be_seen_is_written_out() -> None:
    assert renamed_words("Größe", NFD) == (
        "The column 'Gro\\u0308\u00dfe' is read as 'Größe': "
        "the names differ in their Unicode form only."
    )
    assert "'a\\u00a0b' is read as 'a b'" in renamed_words("a b", "a\u00a0b")
    assert "'a\\U000e0020' is read" in renamed_words("a", "a\U000e0020")


def test_a_table_takes_the_names_that_are_wanted() -> None:
    table = pa.table({"AGE": [1], "x": [2]})
    assert with_names_of(table, ["age", "y"]).column_names == ["age", "x"]
    assert with_names_of(table, ["x"]) is table
