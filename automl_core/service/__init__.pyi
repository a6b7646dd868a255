from .http_app import RowsError as RowsError
from .http_app import make_app as make_app
from .merged_requests import MergedRequests as MergedRequests
from .model_rows import ModelRows as ModelRows
from .serve import allowed_hosts as allowed_hosts
from .serve import serve as serve
