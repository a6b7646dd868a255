"""The settings that a file is read with, in words, and the form that changes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import streamlit as st

from automl_core.errors import AutoMLError
from automl_core.records import from_plain
from automl_core.table import GIVEN, ReadOptions
from automl_core.table.reading import FORMATS, SHEETS_BETWEEN, Format, ReadSettings
from pages.components.shared.text import count, one_line

NO_DELIMITER = "\x1f"  # stands for none: it is in no text
DELIMITERS = {
    ",": "comma",
    ";": "semicolon",
    "\t": "tab",
    "|": "bar",
    " ": "space",
    NO_DELIMITER: "none",
}
MOST_ROWS = 1_000_000  # that can be skipped
QUOTES = {'"': 'double " "', "'": "single ' '", "": "none"}
DECIMALS = {".": "point (1.5)", ",": "comma (1,5)"}
TITLES: dict[Format, str] = {name: known.title for name, known in FORMATS.items()}
ENCODINGS = (
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "cp1252",
    "latin-1",
    "iso-8859-15",
    "cp1250",
    "iso-8859-2",
    "cp1251",
    "koi8-r",
    "cp866",
    "cp1253",
    "cp1254",
    "cp1255",
    "cp1256",
    "cp850",
    "shift_jis",
    "euc_jp",
    "gb18030",
    "big5",
    "euc_kr",
    "mac_roman",
)


def settings_of(words: Mapping[str, str]) -> ReadSettings | None:
    """The settings that `ReadSettings.for_people` put in words; None for other words."""
    if words.get("format") not in FORMATS:
        return None
    try:
        return from_plain(ReadSettings, _plain_of(words))
    except (AutoMLError, ValueError):  # written by another version: the form starts from nothing
        return None


def _plain_of(words: Mapping[str, str]) -> dict[str, Any]:
    plain: dict[str, Any] = {"format": words["format"], "given": words.get(GIVEN, "").split()}
    kept = ("encoding", "sheet", "compression", "escape")
    plain |= {key: words[key] for key in kept if key in words}
    plain["decimal"] = {"comma": ","}.get(words.get("decimal", ""), ".")
    if "columns start at" in words:
        plain["column_starts"] = [int(place) for place in words["columns start at"].split()]
        plain |= {"delimiter": NO_DELIMITER, "quote": ""}
    elif "delimiter" in words:
        names = {name: sign for sign, name in DELIMITERS.items()}
        plain["delimiter"] = names.get(words["delimiter"], words["delimiter"])
        plain["quote"] = "" if words.get("quote") == "none" else words.get("quote", '"')
    plain["nuls"] = "NUL bytes" in words
    plain["wrapped"] = "lines in quotes" in words
    if "left out" in words:
        plain["left_out"] = (words["left out"],)
    if "other lines" in words:
        plain["strays"] = words["other lines"]
    if "header" in words:
        plain["header"] = words["header"] == "yes"
        plain["header_rows"] = int(words.get("header rows", "1"))
        plain["skip_rows"] = int(words.get("skipped rows", "0"))
        plain["units_row"] = words.get("units row") == "yes"
        plain["footer_rows"] = int(words.get("rows at the end", "0"))
    if "sheets" in words:
        plain["sheets"] = words["sheets"].split(SHEETS_BETWEEN)
    return plain


def origin(settings: dict[str, str]) -> str:
    """The source of a table that is no single file: a sample, a database, several files."""
    if "database" in settings:
        return f"From {settings['database']}"
    if "files" in settings:
        return f"{settings['files']} files of the same columns"
    return f"Sample, {settings['source']}" if "source" in settings else "From a program"


def describe(settings: ReadSettings) -> str:
    """One line for people: `CSV or TSV, separated by comma, encoded as utf-8`."""
    parts = [TITLES[settings.format]]
    if settings.compression:
        parts.append(f"packed as {settings.compression}")
    if settings.format == "csv":
        parts += [
            f"separated by {_name(DELIMITERS, settings.delimiter)}",
            f"encoded as {settings.encoding}",
            *([f"some lines as {settings.strays}"] if settings.strays else []),
            f"decimal {_name(DECIMALS, settings.decimal)}",
            "names in the first row" if settings.header else "no row of names",
        ]
    if settings.sheet:
        parts.append(f"sheet {settings.sheet}")
    if settings.skip_rows:
        parts.append(f"first {count(settings.skip_rows, 'row')} skipped")
    if settings.units_row:
        parts.append("a row of units")
    if settings.footer_rows:
        parts.append(f"last {count(settings.footer_rows, 'row')} left out")
    if settings.left_out:
        parts.append(f"left out: {settings.left_out[0]}")
    return ", ".join(parts)


def draw_form(settings: ReadSettings, key: str) -> ReadSettings | None:
    """The form for changing the settings; the new ones once `Read again` is pressed."""
    with st.form(f"{key}_form", border=False):
        left, middle, right = st.columns(3)
        kind = left.selectbox(
            "Format", list(TITLES), _at(list(TITLES), settings.format), TITLES.__getitem__,
            key=f"{key}_format",
        )  # fmt: skip
        delimiter = _choice(middle, "Separator", DELIMITERS, settings.delimiter, f"{key}_delimiter")
        encoding = right.selectbox(
            "Encoding",
            sorted({*ENCODINGS, settings.encoding}),
            sorted({*ENCODINGS, settings.encoding}).index(settings.encoding),
            accept_new_options=True,
            key=f"{key}_encoding",
        )
        quote = _choice(left, "Quotes", QUOTES, settings.quote, f"{key}_quote")
        decimal = _choice(middle, "Decimal", DECIMALS, settings.decimal, f"{key}_decimal")
        skip = right.number_input(
            "Rows to skip at the top", 0, MOST_ROWS, settings.skip_rows, key=f"{key}_skip_rows"
        )
        sheet = _draw_sheet(left, settings, f"{key}_sheet")
        footer = right.number_input(
            "Rows to leave out at the end", 0, MOST_ROWS, settings.footer_rows, key=f"{key}_footer"
        )
        header = middle.checkbox("Names in the first row", settings.header, key=f"{key}_header")
        units = middle.checkbox("Units in the row below", settings.units_row, key=f"{key}_units")
        pressed = st.form_submit_button("Read again", icon=":material/refresh:", key=f"{key}_read")
    if not pressed:
        return None
    same = encoding == settings.encoding
    new = replace(
        settings,
        format=kind,
        encoding=encoding or "utf-8",
        delimiter=delimiter,
        quote=quote,
        decimal=decimal,
        header=header,
        skip_rows=int(skip),
        units_row=units,
        footer_rows=int(footer),
        sheet=sheet or "",
        strays=settings.strays if same else "",
        stray_lines=settings.stray_lines if same else (),
        column_starts=settings.column_starts if delimiter == settings.delimiter else (),
        unsure=False,
        decisions=(),
    )
    names = [field.name for field in fields(ReadOptions)]
    changed = (n for n in names if getattr(new, n) != getattr(settings, n))
    return replace(new, given=tuple(dict.fromkeys((*settings.given, *changed))))


def _draw_sheet(place: Any, settings: ReadSettings, key: str) -> str:
    """The real sheets to choose from, where they are known."""
    if not settings.sheets:
        return str(
            place.text_input("Sheet", settings.sheet, placeholder="the first one", key=key) or ""
        )
    chosen = settings.sheet or settings.sheets[0]
    options = [*settings.sheets]
    picked = place.selectbox("Sheet", options, _at(options, chosen), one_line, key=key)
    return settings.sheet if picked == chosen else str(picked)


def _choice(place: Any, label: str, names: dict[str, str], value: str, key: str) -> str:
    options = [*names] if value in names else [*names, value]
    return str(
        place.selectbox(label, options, options.index(value), lambda v: _name(names, v), key=key)
    )


def _name(names: dict[str, str], value: str) -> str:
    return names.get(value, repr(value))


def _at(options: list[str], value: str) -> int:
    return options.index(value) if value in options else 0
