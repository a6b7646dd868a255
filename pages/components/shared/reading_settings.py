"""The settings that a file is read with, in words, and the form that changes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from automl_core.errors import AutoMLError
from automl_core.records import from_plain
from automl_core.table.reading import FORMATS, Format, ReadSettings

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "space"}
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
    if words.get("format") not in TITLES:
        return None
    plain: dict[str, Any] = {"format": words["format"]}
    plain |= {key: words[key] for key in ("encoding", "sheet", "compression") if key in words}
    if "delimiter" in words:
        named = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|", "space": " "}
        plain["delimiter"] = named.get(words["delimiter"], words["delimiter"])
        plain["quote"] = "" if words.get("quote") == "none" else words.get("quote", '"')
        plain["decimal"] = {"comma": ","}.get(words.get("decimal", ""), ".")
    if "left out" in words:
        plain["left_out"] = (words["left out"],)
    if "other lines" in words:
        plain["strays"] = words["other lines"]
    if "header" in words:
        plain["header"] = words["header"] == "yes"
        plain["skip_rows"] = int(words.get("skipped rows", "0"))
    try:
        return from_plain(ReadSettings, plain)
    except AutoMLError:  # written by another version: then the form starts from nothing
        return None


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
        parts.append(f"first {settings.skip_rows} rows skipped")
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
            "Rows to skip at the top", 0, 10_000, settings.skip_rows, key=f"{key}_skip_rows"
        )
        sheet = left.text_input(
            "Sheet (Excel)", settings.sheet, placeholder="the first one", key=f"{key}_sheet"
        )
        header = middle.checkbox("Names in the first row", settings.header, key=f"{key}_header")
        pressed = st.form_submit_button("Read again", icon=":material/refresh:", key=f"{key}_read")
    if not pressed:
        return None
    return ReadSettings(
        format=kind,
        encoding=encoding or "utf-8",
        delimiter=delimiter,
        quote=quote,
        decimal=decimal,
        header=header,
        skip_rows=int(skip),
        sheet=sheet or "",
        compression=settings.compression,
        strays=settings.strays if encoding == settings.encoding else "",
    )


def _choice(place: Any, label: str, names: dict[str, str], value: str, key: str) -> str:
    options = [*names] if value in names else [*names, value]
    return str(
        place.selectbox(label, options, options.index(value), lambda v: _name(names, v), key=key)
    )


def _name(names: dict[str, str], value: str) -> str:
    return names.get(value, repr(value))


def _at(options: list[str], value: str) -> int:
    return options.index(value) if value in options else 0
