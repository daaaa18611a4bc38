"""Persian and Arabic text: pure functions on `str`, no tables, no models."""

from .clean import clean
from .dates import parse_date
from .language import Lang, identify
from .lexicon import DEFAULT, Lexicon
from .normalize import fold, fold_with_offsets, normalize
from .segment import Piece, sentences, split
from .speech import Voice, voice
from .words import analyze, tokens

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
