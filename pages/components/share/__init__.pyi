from .shared_model import asked_model as asked_model
from .slides import draw_story as draw_story
from .summary import draw_summary as draw_summary
