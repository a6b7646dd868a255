from .apply_fix import apply_fix as apply_fix
from .column_memo import ColumnMemo as ColumnMemo
from .duplicate_rows import columns_compared as columns_compared
from .duplicate_rows import row_copies as row_copies
from .file_encoding import encoding_findings as encoding_findings
from .run import find_problems as find_problems
