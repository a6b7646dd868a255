from .main import run_cli as run_cli
