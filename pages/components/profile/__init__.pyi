from . import profile_facts as profile_facts
from .odd_findings import draw_odd as draw_odd
