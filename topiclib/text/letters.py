"""Characters that several modules use."""

# The zero-width non-joiner, which separates affixes in Persian: می‌رود.
ZWNJ = "\u200c"

# For character classes: what else nearly all passages consist of. A search for other characters is faster than the work
# that it spares.
COMMON = " \\na-zA-Z0-9.،؛:؟!?()«»\"'/%٪\\[\\]–-"

# For `str.translate`: Persian and Arabic digits to ASCII.
WESTERN_DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "01234567890123456789")
