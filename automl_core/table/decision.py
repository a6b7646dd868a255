"""One decision about how a file is read: what was decided, why, and what else it may be.

Found by the readers, printed by `inspect`, and asked on the Data page where it is doubtful.
"""

from __future__ import annotations

from dataclasses import dataclass

IN_FILE = " of "
"""Between a setting and the name of a file, where a decision is about one of several files."""


@dataclass(frozen=True)
class Decision:
    """A setting's value, why it has it, and the other value where the file leaves it in doubt."""

    setting: str  # a field of ReadSettings
    value: str  # in words, such as "semicolon", "yes" or "2"
    why: str  # the evidence, one sentence: "All 300 lines have 5 cells."
    alternative: str = ""  # the other value, in the same words; "": no doubt

    @property
    def doubtful(self) -> bool:
        """True if people should be asked."""
        return bool(self.alternative)
