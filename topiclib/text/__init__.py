"""Persian and Arabic text processing: functions of strings, without tables or models."""

from topiclib.text.clean import clean
from topiclib.text.dates import parse_date
from topiclib.text.half_spaces import DEFAULT_LEXICON, Lexicon
from topiclib.text.language import Lang, identify_language
from topiclib.text.line_kinds import TextSpan
from topiclib.text.normalize import fold, fold_with_offsets, normalize
from topiclib.text.quoted_speech import Voice, detect_voice
from topiclib.text.sentences import split_sentences
from topiclib.text.tokens import analyze, tokenize

__all__ = [
    "DEFAULT_LEXICON", "Lang", "Lexicon", "TextSpan", "Voice", "analyze", "clean", "detect_voice", "fold",
    "fold_with_offsets", "identify_language", "normalize", "parse_date", "split_sentences", "tokenize",
]  # fmt: skip
