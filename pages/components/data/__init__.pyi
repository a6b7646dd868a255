from . import columns_table as columns_table
from .checks_card import draw_checks as draw_checks
from .column_reading import draw_column_reading as draw_column_reading
from .finding_words import CHECKS as CHECKS
from .finding_words import grouped as grouped
from .finding_words import suspects as suspects
