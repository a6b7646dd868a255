from .formats import TRIAL_FORMATS as TRIAL_FORMATS
from .formats import trial_file as trial_file
from .formats import trial_files as trial_files
