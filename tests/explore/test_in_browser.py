"""The HTML file in Chromium without network: search, lasso, filters, keyboard, right-to-left text, no injection."""

import json

import pytest

from topiclib.explore import write_map
from topiclib.explore.data import fold_table, map_script
from topiclib.text import fold

STATUS = "document.querySelector('[role=status]').textContent"
TITLE = "document.querySelector('.reader h2')?.textContent"
WORDS = [
    "برجام", "بَرجام", "برجام،", "تحریم‌ها", "تحريم ها", "البرنامج النووي", "البرنامج النووى", "إيران", "ایران", "آستانه",
    "مسؤول", "هیئت", "ۀ ة ه", "۱۴۰۲", "١٤٠٢", "1402", "«گفت»", "“x”", "Müller ÉCOLE", "ﻻ ﷲ ﭘ", "ٱلْقُرْآن", "ک ك ڪ",
    "a\u00a0b",     "٪؟؛٬٫", "İI", "ﬁ", "Ⅷ", "Ω Ж", "你好", "x\u200fy\u2067z", "ـــ", "\ufeffب",
]  # fmt: skip


def open_map(page, file):
    page.errors.clear()
    page.requests.clear()
    page.offline()
    page.dark(False)
    page.open(file)
    page.wait(f"document.querySelector('.topiclib-map canvas.over')?.width > 50 && {STATUS}")
    page.settle()
    return page


def search(page, text):
    page.run("(() => { const box = document.querySelector('input[type=search]'); box.value = ''; box.focus(); })()")
    page.type(text)
    page.settle()
    return page.run("[...document.querySelectorAll('.list li')].map(row => row.textContent)")


@pytest.fixture
def small(browser, hand_made, tmp_path):
    return open_map(browser, write_map(hand_made, tmp_path / "map.html"))


@pytest.fixture(scope="module")
def sample_map(sample_run, tmp_path_factory):
    return write_map(sample_run, tmp_path_factory.mktemp("sample") / "map.html")


@pytest.fixture
def sample(browser, sample_map):
    return open_map(browser, sample_map)


def test_file_opens_without_network_and_makes_no_requests(sample):
    assert "passages of 80 articles" in sample.run(STATUS)
    assert sample.errors == []
    assert [address for address in sample.requests if not address.startswith(("file:", "data:"))] == []
    n_colored = sample.run(
        "(() => { const c = document.querySelector('canvas'), d = c.getContext('2d')"
        ".getImageData(0, 0, c.width, c.height).data; let n = 0;"
        "for (let i = 0; i < d.length; i += 4) n += d[i] < 240 || d[i + 1] < 240; return n; })()"
    )
    assert n_colored > 5000


@pytest.mark.parametrize(
    ("typed", "like"),
    [("برجام", "برجام"), ('"البرنامج النووي"', "البرنامج النووي"), ('"البرنامج النووى"', "النووي"), ("بَرجامْ", "برجام")],
)
def test_search_ignores_orthography_in_both_languages(sample, sample_run, typed, like):
    hits = search(sample, typed)
    passages = sample_run.tables["points"].merge(sample_run.tables["passages"], on="passage_id")
    documents = sample_run.tables["documents"].set_index("doc_id")["title"]
    titles_and_texts = passages["doc_id"].map(documents) + "\n" + passages["text"]
    expected = titles_and_texts.map(fold).str.contains(fold(typed).strip('"'), regex=False).sum()
    assert expected > 0
    assert sample.run(STATUS).startswith(f"{expected} of ")
    assert len(hits) == min(100, expected)
    assert any(like in row for row in hits)


def test_script_folds_like_python(small):
    blocks = [
        chr(c) for c in (*range(0x20, 0x250), *range(0x600, 0x900), *range(0x2000, 0x2070), *range(0xFB50, 0xFF00))
    ]
    texts = [*WORDS, *blocks]
    module = f"data:text/javascript;charset=utf-8,' + encodeURIComponent({json.dumps(map_script())}) + '"
    small.open("about:blank")
    folded = small.run(
        f"import('{module}').then(m => {{ const fold = m.makeFold({json.dumps(fold_table())});"
        f"return {json.dumps(texts)}.map(text => [fold(text), fold.withOffsets(text).folded]); }})"
    )
    wrong = [(t, a, b, fold(t)) for t, (a, b) in zip(texts, folded, strict=True) if not a == b == fold(t)]
    assert wrong == []


def test_html_in_titles_and_texts_is_not_executed(small):
    search(small, "القمح")
    small.run("document.querySelector('.list li button').click()")
    small.settle()
    assert "<script>window.hurt = 1</script>" in small.run(TITLE)
    search(small, "المدينة")
    assert small.run("document.querySelector('.list').textContent.includes('</script><script>')")
    assert small.run("window.hurt ?? 0") == 0
    assert small.run("document.querySelectorAll('.topiclib-map script, .topiclib-map img').length") == 0
    assert small.run("[...document.querySelectorAll('a')].filter(a => !a.href.startsWith('https://')).length") == 0


def test_panel_is_right_to_left_with_metadata_and_highlights(small):
    search(small, "مذاکرات")
    small.run("document.querySelector('.list li button').click()")
    small.settle()
    article = "document.querySelector('.reader')"
    assert small.run(f"getComputedStyle({article}).direction") == "rtl"
    assert small.run(f"{article}.lang") == "fa"
    shown = small.run(f"{article}.textContent")
    for fact in ("برجام در وین", "2022-03-05", "روزنامهٔ کرانه", "تحریم‌ها لغو"):
        assert fact in shown
    assert small.run(f"[...{article}.querySelectorAll('mark:not(.hit)')].map(m => m.textContent)") == ["برجام"]
    assert small.run(f"[...{article}.querySelectorAll('mark.hit')].map(m => m.textContent)") == ["مذاکرات"]
    assert small.run(f"{article}.querySelector('a').href") == "https://example.org/a"


def test_lasso_selects_the_passages_inside(small):
    left, top, width, height = small.box("document.querySelector('canvas.over')")
    right, middle, bottom = left + width - 3, top + height / 2, top + height - 3
    below = [(left + 3, middle), (right, middle), (right, bottom), (left + 3, bottom)]
    small.drag(*below, shift=True)
    small.settle()
    assert small.run("document.querySelector('.list h3').textContent").startswith("3 selected")
    small.run("[...document.querySelectorAll('.tool')].find(b => b.textContent === 'Clear').click()")
    small.settle()
    assert small.run("document.querySelector('.list').children.length") == 0


def test_filters(small):
    rows = "[...document.querySelectorAll('.filters label')]"
    tick = rows + ".find(row => row.textContent.startsWith({!r})).querySelector('input').click()"
    small.run(tick.format("JCPOA"))
    small.settle()
    assert small.run(STATUS) == "2 of 6 passages shown"
    small.run(tick.format("Arabic"))
    small.settle()
    assert small.run(STATUS) == "0 of 6 passages shown"
    small.run(tick.format("JCPOA"))
    small.run(
        "(from => { from.value = '2023-06'; from.dispatchEvent(new Event('change')); })"
        "(document.querySelector('input[type=month]'))"
    )
    small.settle()
    assert small.run(STATUS) == "2 of 6 passages shown"  # "2023" matches each of its months, a missing date none


def test_keyboard_navigation_and_selection(small):
    small.run("document.querySelector('canvas.over').focus()")
    small.key("ArrowDown")
    small.settle()
    first = small.run(TITLE)
    assert first
    small.key("Enter")
    small.key("ArrowRight")
    small.settle()
    small.key("Escape")
    small.key("a")
    small.settle()
    assert small.run("document.querySelector('.list h3').textContent").startswith("6 selected")
    small.key("/")
    assert small.run("document.activeElement.type") == "search"


def test_map_follows_light_and_dark_preference(small):
    look = "getComputedStyle(document.querySelector('.topiclib-map')).backgroundColor"
    light = small.run(look)
    small.dark(True)
    small.settle()
    assert small.run("document.querySelector('.topiclib-map').dataset.theme") == "dark"
    assert small.run(look) != light
    pixel = "[...document.querySelector('canvas').getContext('2d').getImageData(2, 2, 1, 1).data.slice(0, 3)]"
    assert max(small.run(pixel)) < 60


def test_panel_without_text_shows_the_rest(browser, hand_made, tmp_path):
    page = open_map(browser, write_map(hand_made, tmp_path / "map.html", include_text=False))
    assert search(page, "وین")
    page.run("document.querySelector('.list li button').click()")
    page.settle()
    shown = page.run("document.querySelector('.reader').textContent")
    assert "برجام در وین" in shown
    assert "مذاکرات" not in shown
    assert page.errors == []
