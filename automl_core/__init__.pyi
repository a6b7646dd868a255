from .api import Run as Run
from .api import load as load
from .api import open_run as open_run
from .api import start as start
from .errors import AutoMLError as AutoMLError
from .errors import ModelError as ModelError
from .errors import RunError as RunError
from .errors import SpecError as SpecError
from .errors import TableError as TableError
from .model import Model as Model
from .runs.record import Budget as Budget
from .runs.record import RunOptions as RunOptions
from .runs.record import RunSpec as RunSpec
from .runs.record import TrainRequest as TrainRequest
from .table import Column as Column
from .table import ReadOptions as ReadOptions
from .table import Schema as Schema
from .table.reading import Query as Query

__version__: str
