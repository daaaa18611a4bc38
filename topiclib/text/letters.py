"""Characters that several modules use."""

# The zero-width non-joiner, which separates affixes in Persian: می‌رود.
ZWNJ = "\u200c"

# For `str.translate`: Persian and Arabic digits to ASCII.
WESTERN_DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "01234567890123456789")
