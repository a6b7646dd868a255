from . import form_request as form_request
from . import form_state as form_state
from . import live_view as live_view
from . import target_form as target_form
