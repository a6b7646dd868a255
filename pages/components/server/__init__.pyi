from .begin import begin as begin
from .routes import ROUTES as ROUTES
