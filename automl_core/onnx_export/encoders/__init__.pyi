from .typed_feeds import feeds as feeds
from .typed_inputs import ROW as ROW
from .typed_inputs import TypedInputs as TypedInputs
from .vocabularies import Vocabularies as Vocabularies
from .vocabularies import known_tokens as known_tokens
from .write import write_encoder as write_encoder
