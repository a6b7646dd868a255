from .bundle import bundle_info as bundle_info
from .bundle import bundle_of as bundle_of
from .library import RunSummary as RunSummary
from .library import delete_run as delete_run
from .library import find_run as find_run
from .library import list_runs as list_runs
from .library import summarise as summarise
from .manager import get_manager as get_manager
