from .shared_model import asked_model as asked_model
from .shared_model import has_link as has_link
from .slides import draw_story as draw_story
from .summary import draw_summary as draw_summary
from .training import draw_training as draw_training
