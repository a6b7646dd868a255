from .model import write_model as write_model
