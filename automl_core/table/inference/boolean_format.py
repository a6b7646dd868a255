"""Yes and no in words of a few languages, and columns that hold nothing else."""

from __future__ import annotations

import pyarrow as pa

from automl_core.errors import TableError
from automl_core.table import ParseRule, is_text
from automl_core.table.inference.column_stats import ColumnStats
from automl_core.table.inference.missing_marks import is_missing_mark
from automl_core.table.inference.spellings import Spellings, spellings_of

YES_NO = tuple(  # a row is a language
    tuple((pair.split("/")[0], pair.split("/")[1]) for pair in row.split())
    for row in (
        "yes/no y/n true/false t/f on/off 1/0", "ja/nein j/n wahr/falsch", "ja/nej j/n", "ja/nee",
        "ja/nei", "oui/non vrai/faux", "sí/no si/no s/n verdadero/falso", "si/no s/n vero/falso",
        "sim/não sim/nao s/n verdadeiro/falso", "да/нет истина/ложь", "так/ні", "tak/nie",
        "ano/ne", "igen/nem", "evet/hayır evet/hayir", "kyllä/ei", "ναι/όχι", "是/否", "有/无",
        "はい/いいえ", "예/아니오",
    )
)  # fmt: skip
"""Words for yes and no, in pairs; those of one language may stand beside each other."""

_MOST_WORDS = 100  # different cells of which a few spellings of yes and no may be two


def boolean_rule(stats: ColumnStats) -> ParseRule | None:
    """The rule that reads the column as yes and no; None where it holds anything else."""
    if pa.types.is_boolean(stats.values.type):
        return ParseRule("boolean")
    if not is_text(stats.values.type) or len(stats.values) > _MOST_WORDS:
        return None
    marks = tuple(sorted({word for word in stats.folded if is_missing_mark(word)}))
    words = {*stats.folded}.difference(marks)
    if words <= {"0", "1"}:
        return None
    for pairs in YES_NO:
        yes = tuple(dict.fromkeys(true for true, _ in pairs if true in words))
        no = tuple(dict.fromkeys(false for _, false in pairs if false in words))
        if words == {*yes, *no} and any({*pair} <= words for pair in pairs):
            spellings = (*_spelled(stats, yes), *_spelled(stats, no))
            return ParseRule("boolean", marks, true=yes, false=no, spellings=spellings)
    return None


def chosen_boolean_rule(stats: ColumnStats) -> ParseRule:
    """The rule for a column that a user calls boolean; any two words will do.

    Raises TableError where the column has not two different values.
    """
    found = boolean_rule(stats)
    if found is not None:
        return found
    words = sorted(set(stats.folded) - set(stats.word_marks))
    if len(words) != 2:
        raise TableError(
            f"The column {stats.name!r} cannot be boolean: it has {len(words)} different values.",
            "Choose category instead.",
        )
    yes, no = (words[1],), (words[0],)
    spellings = (*_spelled(stats, yes), *_spelled(stats, no))
    return ParseRule("boolean", stats.word_marks, true=yes, false=no, spellings=spellings)


def _spelled(stats: ColumnStats, words: tuple[str, ...]) -> Spellings:
    """The words with the spelling that most of their rows have: all mean the same."""
    written = spellings_of(stats, stats.written)
    most = max((written[word] for word in words), key=lambda s: s.rows)
    return tuple((word, most.word) for word in words)
