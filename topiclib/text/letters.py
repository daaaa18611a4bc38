"""Characters that more than one module names."""

ZWNJ = "\u200c"
"""The zero-width non-joiner, which sets off affixes in Persian: می‌رود."""

WESTERN_DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "01234567890123456789")
"""For `str.translate`: Persian and Arabic digits to those of ASCII."""
