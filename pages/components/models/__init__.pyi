from .board import pick_from_board as pick_from_board
from .bundle_button import draw_download as draw_download
from .model_build import draw_how_built as draw_how_built
from .model_build import draw_what_it_learned as draw_what_it_learned
from .model_charts import draw_how_good as draw_how_good
from .model_numbers import draw_numbers as draw_numbers
from .where_it_errs import draw_where_it_errs as draw_where_it_errs
