from .graph_builder import ML as ML
from .graph_builder import GraphBuilder as GraphBuilder
