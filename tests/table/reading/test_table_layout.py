"""The bounds of a table: titles, header, row of units, footer."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Sequence

import pytest

from automl_core.table.reading.table_layout import Layout, find_layout

BODY = "".join(f"{i},{i * 7 % 31},{'pqr'[i % 3]}\n" for i in range(30))
TABLE = "a,b,c\n" + BODY
WORDS = "".join(
    ",".join(words) + "\n"
    for words in itertools.product(("vhigh", "low"), ("2", "4", "more"), ("acc", "unacc"))
)


def grid(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text), delimiter=";" if ";" in text else ","))


def layout(text: str, names: Sequence[str] = ()) -> Layout:
    return find_layout(grid(text), names=names)


def doubts(found: Layout) -> set[str]:
    return {decision.setting for decision in found.decisions if decision.doubtful}


def test_a_plain_table() -> None:
    found = layout(TABLE)
    assert found == Layout(0, True, False, 0, found.decisions)
    assert [d.setting for d in found.decisions] == ["header"]
    assert find_layout([]) == Layout(0, True, False, 0, ())


@pytest.mark.parametrize(
    ("top", "rows"),
    [
        ("Sales report\n", 1),
        ("Sales report,,\n", 1),
        (",,\n", 1),
        (",,\nSales report,,\n,,\n", 3),
        ("# made by x, v1\n" * 40, 40),
        ("# with, just, two\n# and, again, two\n", 2),
        *((f"{mark} made by x\n{mark} unit, EUR, net\n", 2) for mark in ("#", "%", "//", "--")),
        *((f"{mark} made by x, v1\n{mark} unit, EUR, net\n", 2) for mark in ("%", "//", "!")),
        ('"A title\nof two lines"\n\n', 2),
        ("Region:,Germany\n", 1),
        ("Region:,Germany,\nPeriod:,2020,\nUnit:,Euro,\n", 3),
        (",2019,\n", 1),
        ("Sales; report, all regions, 2020, draft, page 1\n", 1),
        ("Report, all\nSales\n", 2),
    ],
)
def test_lines_before_the_header(top: str, rows: int) -> None:
    found = layout(top + TABLE)
    assert (found.skip_rows, found.header, found.units_row) == (rows, True, False)


@pytest.mark.parametrize("values", ["0.5,1.5,0.0", "17,4100,350"])
@pytest.mark.parametrize(
    "names", ["2018,2019,2020", "2020,2010,2000", "0,1,2", "1990,1995,2020", "400.5,401.0,401.5"]
)
def test_a_header_of_words_and_numbers(names: str, values: str) -> None:
    cells = values.split(",")
    body = "".join(f"Land {'xyz'[i % 3] * (i % 4)},{','.join(cells[i % 3 :] + cells[: i % 3])}\n"
                   for i in range(30))  # fmt: skip
    found = layout(f"Country,{names}\n" + body)
    assert (found.skip_rows, found.header) == (0, True)


@pytest.mark.parametrize(
    "text",
    [
        "5.1,3.5,setosa\n4.9,3.0,setosa\n6.3,3.3,virginica\n",
        "low,4,acc\n" + WORDS,  # words only, each of which occurs again
        "2020-01-01,A1\n" + "".join(f"2020-02-{i + 10},B{i}\n" for i in range(19)),
        "1,2,3\n3,1,2\n9,8,1\n7,7,7\n",
    ],
)
def test_tables_without_a_header(text: str) -> None:
    found = layout(text)
    assert not found.header or "header" in doubts(found)
    assert found.footer_rows == 0


def test_words_above_words_are_a_header() -> None:
    assert layout("price,doors,class\n" + WORDS).header
    assert layout("Country,Region\n" + "".join(f"Land{i},E\n" for i in range(20))).header


def test_an_empty_name_above_row_names() -> None:
    assert layout(",value\na,1\nb,2\nc,3\n").header
    assert layout("value\na,1\nb,2\nc,3\n").skip_rows == 0


@pytest.mark.parametrize(
    ("names", "skipped", "header"),
    [
        (("x", "y"), 1, True),
        (("X ", "Y"), 1, True),
        (("2", "4"), 2, True),
        (("p", "q"), 0, False),
        (("column_1", "column_2"), 1, False),
    ],
)
def test_names_that_a_model_knows(names: tuple[str, ...], skipped: int, header: bool) -> None:
    text = "title\n" * bool(skipped) + "x,y\n" * (skipped > 0) + "2,4\n5,7\n7,7\n"
    found = layout(text, names)
    assert found.header == header
    if header:
        assert found.skip_rows == skipped


@pytest.mark.parametrize(
    ("units", "doubtful"),
    [
        ("s,°C,m/s", True),
        ("[s],[°C],", True),
        ("#date,#value,#value+x", False),
        ("(kg),(kg),(kg)", True),
        ("---,---,---", False),
        ("----+----+----", False),
    ],
)
def test_units_and_tags(units: str, doubtful: bool) -> None:
    body = "".join(f"{i},{i}.5,{i * i}\n" for i in range(30))
    found = layout(f"time,temp,wind\n{units}\n{body}")
    assert found.units_row
    assert ("units_row" in doubts(found)) == doubtful


@pytest.mark.parametrize("first", ["1,?,n/a", "1,,", "1,unknown,5", "1,-,-"])
def test_missing_values_in_the_first_row_are_no_units(first: str) -> None:
    body = "".join(f"{i},{i}.5,{i * i}\n" for i in range(30))
    assert not layout(f"time,temp,wind\n{first}\n{body}").units_row


@pytest.mark.parametrize(
    ("end", "rows"),
    [
        ("Source: World Bank\n", 1),
        ("Source: World Bank,,\n", 1),
        ("\nSource: World, Bank, 2020\n", 1),
        ("Grand Total,450,\n", 1),
        ("Total,450,\nSource: x\n", 2),
        ("\nNotes\n1) estimated\n2) revised\n", 3),
        (",,\nLegend:\np,poor\nq,quick\n", 3),
        ("__________\n© Office 2021\nStand: 07.05.2021\n", 3),
        ("-----,-----,-----\n", 1),
        ("\x1a\n", 1),
        ("\n1) estimated\n2) revised, 2020\n", 2),
        ("Sum,435,\nMean,14.5,\nMin,0,\nMax,29,\n", 4),
        ("Mean,14.75,\nSD,8.7,\n", 2),
        ("Count,30,\n", 1),
        ("", 0),
        ("30,\n", 0),
        (",5,p\n", 0),
        ("\n\n", 0),
        ("30,?,?\n", 0),
    ],
)
def test_rows_after_the_table(end: str, rows: int) -> None:
    assert layout(TABLE + end).footer_rows == rows
    body = grid(BODY * 9)
    known_end_only = find_layout([["a", "b", "c"], *body], [*body[-9:], *grid(end)])
    assert known_end_only.footer_rows == rows


def test_a_code_that_is_also_a_statistic_is_a_row() -> None:
    body = "".join(f"{a}{b},{ord(b)},x\n" for a in "ABCDE" for b in "KLMNO")
    assert layout("state,n,kind\n" + body + "SD,7,x\n").footer_rows == 0


def test_a_sum_without_words() -> None:
    body = "".join(f"{'xyz'[i % 3]},{i},{i * 2}\n" for i in range(30))
    assert layout("a,b,c\n" + body + ",435,870\n").footer_rows == 1
    assert layout("a,b,c\n" + body + "x,435,870\n").footer_rows == 0


def test_a_total_of_each_group_is_a_row() -> None:
    body = "".join(f"{i},men,{i}\n{i},women,{i * 2}\n{i},total,{i * 3}\n" for i in range(1, 20))
    assert layout("year,sex,n\n" + body).footer_rows == 0


def test_a_row_cut_short_is_asked_about() -> None:
    names = "".join(f"Bob {'xyz'[i % 3]},{i},p\n" for i in range(20))
    found = layout("a,b,c\n" + names + "Cid\n")
    assert found.footer_rows == 0 or "footer_rows" in doubts(found)


PRICES = "id;price\n" + "".join(f"{i};{i}.5\n" for i in range(20))
AGES = "name;city;age\n" + "".join(f"n{i};Ort{i % 3};{i + 20}\n" for i in range(20))


@pytest.mark.parametrize(("first", "rows"), [(PRICES, 21), (AGES, 21), ("Title\n\n" + AGES, 21)])
def test_a_second_table_below_is_left_out_and_asked_about(first: str, rows: int) -> None:
    second = AGES if first == PRICES else PRICES
    found = layout(f"{first}\n{second}")
    assert found.header and found.skip_rows == (2 if first.startswith("Title") else 0)
    assert found.footer_rows == rows
    assert "footer_rows" in doubts(found)


@pytest.mark.parametrize(
    ("top", "rows"),
    [
        ("Station;12345\nName;Aachen\nHöhe;202\n\n", 4),
        ('Export;"Kunde: Müller";2020\n\n', 2),
        ("Unit;mm\n\n\nPlace;Rome\n\n", 5),
    ],
)
def test_names_and_values_above_the_table(top: str, rows: int) -> None:
    found = layout(top + AGES)
    assert (found.skip_rows, found.header, found.units_row) == (rows, True, False)
    assert not found.footer_rows


def test_blank_lines_within_a_table_part_nothing() -> None:
    lines = AGES.splitlines()
    found = layout("\n".join([*lines[:1], "", *lines[1:8], "", "", *lines[8:]]))
    assert (found.skip_rows, found.header, found.footer_rows) == (0, True, 0)
