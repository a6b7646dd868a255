from .samples import SAMPLES as SAMPLES
from .samples import Sample as Sample
from .samples import make_sample as make_sample
