from .run_actions import draw_actions as draw_actions
from .run_actions import draw_name as draw_name
from .run_actions import draw_open_by_path as draw_open_by_path
from .runs_table import draw_search as draw_search
from .runs_table import pick_from_runs as pick_from_runs
from .space import draw_space as draw_space
