from .graph_builder import MICROSOFT as MICROSOFT
from .graph_builder import ML as ML
from .graph_builder import Attributes as Attributes
from .graph_builder import GraphBuilder as GraphBuilder
from .graph_builder import Kind as Kind
