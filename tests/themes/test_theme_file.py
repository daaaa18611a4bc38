"""Several theme files, files that extend the shipped themes, and themes written as a theme file."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topiclib.text import fold
from topiclib.themes import read_themes
from topiclib.themes.theme_file import (
    DEFAULT_THEME_FILE,
    TERM_ROLES,
    Theme,
    format_themes,
    list_theme_files,
)

SHIPPED = read_themes()
EXTENDS = 'extends = "shipped"\n'


def section(key: str, *terms: str, lang: str = "fa") -> str:
    words = ", ".join(f'"{term}"' for term in terms)
    return f'[{key}]\nlabel = {{ en = "{key.title()}" }}\n[{key}.{lang}]\ncore = [{words}]\n'


@pytest.fixture
def write(tmp_path):
    """Return a function that writes theme files and returns their paths."""

    def write(**texts: str):
        paths = [tmp_path / f"{name}.toml" for name in texts]
        for path, text in zip(paths, texts.values(), strict=True):
            path.write_text(text, encoding="utf-8")
        return paths

    return write


@pytest.mark.parametrize(
    ("texts", "keys"),
    [
        ([section("rain", "باران")], ["rain"]),
        ([section("rain", "باران"), section("snow", "برف")], ["rain", "snow"]),
        ([section("snow", "برف"), section("rain", "باران")], ["snow", "rain"]),
        ([EXTENDS + section("rain", "باران")], [*SHIPPED, "rain"]),
        ([EXTENDS + section("drones", "بادبادک")], [*SHIPPED]),
        ([section("rain", "باران"), EXTENDS + section("snow", "برف")], [*SHIPPED, "rain", "snow"]),
        ([EXTENDS + section("rain", "باران"), EXTENDS + section("snow", "برف")], [*SHIPPED, "rain", "snow"]),
        ([section("drones", "بادبادک"), EXTENDS + section("rain", "باران")], [*SHIPPED, "rain"]),
        (["\ufeff" + EXTENDS + section("rain", "باران")], [*SHIPPED, "rain"]),
        ([EXTENDS], [*SHIPPED]),
    ],
)
def test_files_add_their_themes_in_order_and_a_given_theme_replaces_the_shipped_one(write, texts, keys):
    themes = read_themes(write(**{f"file{i}": text for i, text in enumerate(texts)}))
    assert list(themes) == keys
    given = {key for text in texts for key in re.findall(r"^\[(\w+)\]$", text, re.M)}
    assert {key for key in themes if themes[key] != SHIPPED.get(key)} == given


def test_one_file_may_be_given_alone_or_in_a_list(write):
    path = write(mine=section("rain", "باران"))[0]
    assert read_themes(path) == read_themes(str(path)) == read_themes([path]) == read_themes((str(path),))
    assert read_themes([DEFAULT_THEME_FILE]) == SHIPPED == read_themes(None)


def test_the_term_of_a_shipped_theme_is_free_again_where_that_theme_is_replaced(write):
    text = EXTENDS + section("sanctions", "تنبیه") + section("courts", "عقوبات", lang="ar")
    assert read_themes(write(mine=text))["courts"].terms["ar"]["core"] == ("عقوبات",)


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (
            {"a": section("rain", "باران"), "b": section("rain", "برف")},
            r"a\.toml and .*b\.toml both have the theme rain",
        ),
        (
            {"a": EXTENDS + section("drones", "باران"), "b": EXTENDS + section("drones", "برف")},
            r"a\.toml and .*b\.toml both have the theme drones",
        ),
        (
            {"a": section("rain", "باران"), "b": section("wet", "باران")},
            r"a\.toml and .*b\.toml: the term 'باران' is in the themes rain and wet: remove one",
        ),
        (
            {"a": EXTENDS + section("courts", "عقوبات", lang="ar")},
            r"shipped and .*a\.toml: the term .* is in the themes sanctions and courts: remove it, or add a theme ",
        ),
        (
            {"a": 'extends = "mine.toml"\n' + section("rain", "باران")},
            "a.toml: extends is 'mine.toml': expected extends = ",
        ),
        ({"a": "extends = true\n" + section("rain", "باران")}, "extends is True: expected"),
        ({"a": "extends = ['shipped']\n" + section("rain", "باران")}, r"extends is \['shipped'\]: expected"),
        ({"a": section("extends", "باران")}, "extends is {.*}: expected"),
        ({"a": section("rain", "باران") + EXTENDS}, "unknown key 'extends': expected it at the top of the file"),
        ({"a": '[rain]\nextends = "shipped"\n'}, "unknown key 'extends': expected it at the top of the file"),
        ({"a": section("rain", "باران"), "b": ""}, "b.toml has no theme"),
        ({}, "no theme file was given"),
    ],
)
def test_files_that_do_not_fit_together_raise_with_the_reason(write, texts, words):
    with pytest.raises(ValueError, match=words):
        read_themes(write(**texts))


def test_a_folder_is_not_a_theme_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="is a folder: expected a theme file"):
        read_themes(tmp_path)


def test_the_files_of_a_run_include_the_shipped_one_where_it_is_extended(write):
    plain, extending = write(plain=section("rain", "باران"), extending=EXTENDS + section("snow", "برف"))
    assert list_theme_files(None) == [DEFAULT_THEME_FILE]
    assert list_theme_files(str(plain)) == [plain]
    assert list_theme_files([plain, extending]) == [DEFAULT_THEME_FILE, plain, extending]


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
WORDS = st.text(st.sampled_from("ابتسینوهم\u200c"), min_size=1, max_size=9).filter(lambda word: fold(word).strip())


@given(
    st.dictionaries(
        TEXTS.filter(lambda key: key not in ("extends", "against")),
        st.tuples(TEXTS, TEXTS, TEXTS),
        min_size=1,
        max_size=4,
    ),
    st.lists(WORDS.filter(str.isalpha), min_size=24, max_size=24, unique_by=fold),
)
def test_formatted_themes_are_read_back_as_they_were(tmp_path_factory, texts, words):
    """Any Unicode text in keys, labels, descriptions and notes, and terms in every role."""
    themes, file = {}, tmp_path_factory.mktemp("themes") / "themes.toml"
    for i, (key, (label, description, notes)) in enumerate(texts.items()):
        terms = {role: tuple(words[6 * i + j : 6 * i + j + 1]) for j, role in enumerate(TERM_ROLES)}
        nothing = dict.fromkeys(TERM_ROLES, ())
        themes[key] = Theme(
            key, {"en": f"x{label}", "ar": label}, {"fa": description}, {"fa": terms, "ar": nothing}, notes
        )
    file.write_text(format_themes(themes), encoding="utf-8", newline="\n")
    assert read_themes(file) == themes


def test_the_shipped_themes_are_read_back_as_they_were(tmp_path):
    (tmp_path / "themes.toml").write_text(format_themes(SHIPPED), encoding="utf-8")
    assert read_themes(tmp_path / "themes.toml") == SHIPPED
