"""Style and locale: matplotlib unchanged outside the context, bidi isolates, digits, contrast."""

import subprocess
import sys

import matplotlib as mpl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import font_manager
from matplotlib.colors import to_rgb

from topiclib.draw import style
from topiclib.draw.localization import Locale


def test_import_does_not_change_matplotlib():
    code = (
        "import matplotlib as m; from matplotlib import font_manager as f;"
        "before = dict(m.rcParams), list(f.fontManager.ttflist);"
        "import topiclib.draw.style, topiclib.draw;"
        "assert before == (dict(m.rcParams), list(f.fontManager.ttflist)), 'changed'"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stderr == ""


def test_context_restores_settings():
    families = ("DejaVu Sans", "serif", "IBM Plex Sans Arabic", "Amiri", "no such family")
    before = dict(mpl.rcParams), [font_manager.findfont(name) for name in families]
    with pytest.raises(RuntimeError), style.context("slide", font="serif"):
        assert mpl.rcParams["font.family"][0] == "topiclib serif"
        raise RuntimeError("in the middle")
    font_manager.fontManager._findfont_cached.cache_clear()
    assert (dict(mpl.rcParams), [font_manager.findfont(name) for name in families]) == before


def test_context_starts_from_defaults():
    with mpl.rc_context({"axes.grid": True, "text.usetex": True}), style.context():
        assert not mpl.rcParams["axes.grid"] and not mpl.rcParams["text.usetex"]


@pytest.mark.parametrize(("size", "font"), [("pages", "sans"), ("page", "comic")])
def test_unknown_size_or_font_raises(size, font):
    with pytest.raises(ValueError, match="expected one of"), style.context(size, font=font):
        raise AssertionError("must not be reached")


@pytest.mark.parametrize("weight", style.FONT_WEIGHTS)
@pytest.mark.parametrize("font", style.FONT_PACKAGES)
def test_fonts_come_from_the_packages(font, weight):
    style.register_fonts()
    file = font_manager.findfont(
        font_manager.FontProperties(family=f"topiclib {font}", weight=weight), fallback_to_default=False
    )
    assert f"/{style.FONT_PACKAGES[font]}/" in file.replace("\\", "/")


@pytest.mark.parametrize(
    ("text", "lang", "expected"),
    [
        ("COVID-19 در ایران", "", "\u2067COVID-19 در ایران\u2069"),  # Persian that begins in Latin
        ("Fars News", "", "Fars News"),
        ("123", "fa", "\u2067123\u2069"),
        ("برجام\nthe deal", "", "\u2067برجام\u2069\nthe deal"),
        ("\u202eبرجام\u202c", "", "\u2067برجام\u2069"),  # an override is removed
        ("می\u200cرود", "", "\u2067می\u200cرود\u2069"),  # ZWNJ stays
        ("", "fa", ""),
    ],
)
def test_isolate(text, lang, expected):
    assert style.isolate(text, lang) == expected


@given(st.text(), st.sampled_from(["", "en", "fa", "ar"]))
def test_isolate_is_idempotent(text, lang):
    once = style.isolate(text, lang)
    assert style.isolate(once, lang) == once
    assert once.count("\u2067") + once.count("\u2066") == once.count("\u2069")


@pytest.mark.parametrize(
    ("locale", "value", "expected"),
    [
        (Locale("en"), 0.1234, "12%"),
        (Locale("fa"), 0.1234, "۱۲٪"),
        (Locale("ar"), 0.0042, "\u2067٠٫٤٪\u2069"),  # right to left: the sign is at the left
        (Locale("ar"), -0.25, "\u2067\u2212٢٥٪\u2069"),
        (Locale("fa"), -0.25, "\u2212۲۵٪"),
        (Locale("fa"), 0.0, "۰٪"),
    ],
)
def test_format_percent(locale, value, expected):
    assert locale.format_percent(value) == expected


def test_texts_are_formatted_with_the_digits_of_the_language():
    locale = Locale("fa")
    assert locale.text("nothing").startswith("\u2067")
    assert "۱٬۲۳۴" in locale.text("passages_of", language=locale.text("fa"), n=1234)


@pytest.mark.parametrize(
    ("lang", "n", "expected"), [("en", 1, "1 passage"), ("en", 2, "2 passages"), ("fa", 1, "۱ بند")]
)
def test_one_passage_is_singular(lang, n, expected):
    assert Locale(lang).text("passages", n=n).strip("\u2066\u2067\u2069") == expected


def test_unknown_language_raises():
    with pytest.raises(ValueError, match="lang is 'de': expected one of en, fa, ar"):
        Locale("de")


@given(st.tuples(*[st.floats(0, 1)] * 3))
def test_text_color_has_contrast_on_any_color(color):
    contrast = style._contrast(style._luminance(color), style._luminance(to_rgb(style.text_color_on(color))))
    assert contrast >= 4.5


def test_contrast_is_that_of_wcag():
    assert style._contrast(style._luminance((1, 1, 1)), style._luminance((0, 0, 0))) == pytest.approx(21)
    assert style._luminance(to_rgb("#777777")) == pytest.approx(0.1845, abs=1e-4)  # just below 4.5 on white
