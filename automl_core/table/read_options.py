"""Options that a person sets for how a file is read; all else is found in the file.

The same for the command line, Python and a run's record. Knows nothing of files.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from automl_core.errors import SpecError

DELIMITER_WORDS = {
    "comma": ",", "semicolon": ";", "tab": "\t", "\\t": "\t", "bar": "|", "pipe": "|",
    "space": " ", "blank": " ", "colon": ":",
    "none": "\x1f",
}  # fmt: skip
DECIMAL_WORDS = {"point": ".", "dot": ".", ".": ".", "comma": ",", ",": ","}
MOST_ROWS = 1_000_000
_MOST_SIGNS = 5  # of a delimiter
GIVEN = "set by you"  # of a table's settings in words: which of them a person set

_THIS_FILE = ("encoding", "decimal", "footer_rows", "units_row")  # others are said otherwise
SETTING_WORDS = {
    "header_rows": "header rows",
    "skip_rows": "skipped rows",
    "units_row": "units row",
    "footer_rows": "rows at the end",
}
"""What a table's settings in words call an option, where it is not its own name."""


@dataclass(frozen=True)
class ReadOptions:
    """How a file is to be read; None: found in the file, given the others.

    Raises SpecError for values that make no sense.
    """

    delimiter: str | None = None  # one to five signs, or "tab", "comma", "semicolon", "space" ...
    encoding: str | None = None  # such as "utf-8" or "cp1252"
    header: bool | None = None  # whether the first row (after those skipped) has the names
    skip_rows: int | None = None  # lines or rows before the table
    sheet: str | None = None  # of a workbook; of a zip the file, of JSON the list: data.items
    decimal: str | None = None  # "." or ",", or "point" or "comma"
    footer_rows: int | None = None  # filled rows after the table, such as sums and sources
    units_row: bool | None = None  # whether the row below the header has units, not values

    def __post_init__(self) -> None:
        if self.delimiter is not None:
            object.__setattr__(self, "delimiter", _delimiter(self.delimiter))
        if self.encoding is not None:
            object.__setattr__(self, "encoding", _encoding(self.encoding))
        if self.decimal is not None:
            if self.decimal.lower() not in DECIMAL_WORDS:
                raise SpecError(
                    f"The decimal mark {self.decimal!r} is neither '.' nor ','.",
                    "Give point or comma.",
                )
            object.__setattr__(self, "decimal", DECIMAL_WORDS[self.decimal.lower()])
        if self.decimal is not None and self.decimal == self.delimiter:
            raise SpecError(f"{self.decimal!r} cannot part the cells and be the decimal mark.")
        for rows, what in ((self.skip_rows, "rows to skip"), (self.footer_rows, "rows at the end")):
            if rows is not None and not 0 <= rows <= MOST_ROWS:
                raise SpecError(f"{rows} {what}: expected 0 to {MOST_ROWS:,}.")

    @property
    def given(self) -> tuple[str, ...]:
        """The names of the options that are set."""
        return tuple(f.name for f in fields(self) if getattr(self, f.name) is not None)

    def over(self, other: ReadOptions) -> ReadOptions:
        """These options, and those of `other` where nothing is set here."""
        return replace(other, **{name: getattr(self, name) for name in self.given})

    def without(self, names: tuple[str, ...]) -> ReadOptions:
        """The same without some of them."""
        return ReadOptions(**{n: getattr(self, n) for n in self.given if n not in names})


NOTHING_SET = ReadOptions()


def options_of_words(words: Mapping[str, str]) -> ReadOptions:
    """What a person set of a table's settings in words, and other files of its kind share."""
    return options_given(words).without(_THIS_FILE)


def options_given(words: Mapping[str, str]) -> ReadOptions:
    """What a person set of a table's settings in words."""
    options = NOTHING_SET
    for name in words.get(GIVEN, "").split():
        word = words.get(SETTING_WORDS.get(name, name), "")
        options = option_of_word(name, word).over(options)
    return options


def option_of_word(name: str, word: str) -> ReadOptions:
    """One option set to a value in words; nothing where there is no such option or value."""
    value: str | int | bool = word
    if name in ("header", "units_row"):
        value = word == "yes"
    elif name in ("skip_rows", "footer_rows"):
        value = int(word) if word.isascii() and word.isdecimal() else 0
    elif name not in ("delimiter", "encoding", "sheet", "decimal") or not word:
        return NOTHING_SET
    try:
        return ReadOptions(**{name: value})  # type: ignore[arg-type]
    except SpecError:  # written by another version
        return NOTHING_SET


def _delimiter(text: str) -> str:
    sign = DELIMITER_WORDS.get(text.lower(), text)
    if not is_delimiter(sign) or '"' in sign:
        words = ", ".join(word for word in DELIMITER_WORDS if word.isalpha())
        raise SpecError(
            f"The delimiter {text!r} is not one character, nor a few signs such as '||'.",
            f"Give one, or a word: {words}.",
        )
    return sign


def is_delimiter(text: str) -> bool:
    """True for one character, or up to five signs, that can part the cells of a line."""
    if len(text) == 1:
        return text not in "\r\n\0"
    signs = not any(sign.isalnum() or sign in " \t\r\n\0\"'" for sign in text)
    return 1 < len(text) <= _MOST_SIGNS and signs


def _encoding(text: str) -> str:
    try:
        "".encode(text)  # LookupError also for codecs that are none of text
        return codecs.lookup(text).name
    except (LookupError, ValueError):
        raise SpecError(
            f"{text!r} is no encoding of text that is known here.",
            "Such as utf-8, utf-16, cp1252, latin-1, cp1251, shift_jis or gb18030.",
        ) from None
