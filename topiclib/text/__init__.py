"""Persian and Arabic text: pure functions on `str`, no tables, no models."""

from topiclib.text.attribution import Voice, voice
from topiclib.text.clean import clean
from topiclib.text.dates import parse_date
from topiclib.text.half_spaces import DEFAULT, Lexicon
from topiclib.text.language import Lang, identify
from topiclib.text.normalize import fold, fold_with_offsets, normalize
from topiclib.text.segment import Piece, sentences, split
from topiclib.text.tokens import analyze, tokens

__all__ = [
    "DEFAULT",
    "Lang",
    "Lexicon",
    "Piece",
    "Voice",
    "analyze",
    "clean",
    "fold",
    "fold_with_offsets",
    "identify",
    "normalize",
    "parse_date",
    "sentences",
    "split",
    "tokens",
    "voice",
]
