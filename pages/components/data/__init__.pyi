from . import columns_table as columns_table
from .checks_card import carry_out as carry_out
from .checks_card import draw_checks as draw_checks
from .checks_card import with_setting as with_setting
from .column_reading import draw_column_reading as draw_column_reading
from .finding_words import grouped as grouped
from .finding_words import passed_checks as passed_checks
from .finding_words import suspects as suspects
