from . import policy as policy
from .proposer import Proposer as Proposer
