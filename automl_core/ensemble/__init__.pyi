from .candidates import Candidate as Candidate
from .candidates import Limits as Limits
from .candidates import Problem as Problem
from .selection import Selection as Selection
from .selection import select as select
from .statistical_ties import share_close as share_close
from .statistical_ties import smallest_tied as smallest_tied
from .statistical_ties import standard_error as standard_error
