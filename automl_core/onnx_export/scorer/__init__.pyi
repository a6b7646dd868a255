from .checksums import read_checked as read_checked
from .csv_command import score_command as score_command
from .csv_rows import Row as Row
from .rows_scorer import Arrays as Arrays
from .rows_scorer import Scorer as Scorer
from .scoring_error import ScoringError as ScoringError
