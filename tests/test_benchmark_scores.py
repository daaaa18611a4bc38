"""The scores of the benchmarks, on cases computed by hand."""

import math
import sys
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
from scores import colocation, nmi, pair_f1

labeled = st.lists(
    st.tuples(st.integers(-1, 3), st.sampled_from("abc"), st.sampled_from(["fa", "ar"])), min_size=2, max_size=40
)


@settings(max_examples=60)
@given(labeled)
def test_pair_f1_equals_counting_pairs(rows):
    pairs = list(product(*([row for row in rows if row[2] == lang] for lang in ("fa", "ar"))))
    found = [p[0] == q[0] >= 0 for p, q in pairs]
    true = [p[1] == q[1] for p, q in pairs]
    both = sum(f and t for f, t in zip(found, true, strict=True))
    expected = 2 * both / (sum(found) + sum(true)) if sum(found) + sum(true) else 0
    assert pair_f1(*zip(*rows, strict=True)) == pytest.approx(expected)


def test_pair_f1_leaves_a_third_language_out():
    """Persian a a b, Arabic a b; topics 0 0 0 and 0 1: three pairs found, two of them true, of three true ones."""
    assert pair_f1([0, 0, 0, 0, 1, 5], list("aababa"), ["fa"] * 3 + ["ar"] * 2 + ["ps"]) == pytest.approx(2 / 3)


def test_nmi_of_perfect_topics_and_of_one_topic():
    assert nmi([0, 0, 1, 1], list("aabb")) == pytest.approx(1) and nmi([0, 0, 0, 0], list("aabb")) == 0


@pytest.mark.parametrize(
    ("topics", "cosine", "purity"),
    [
        ([0, 0, 1, 1, 0, 0, 1, 1], 1, 1),
        ([0, 1, 2, 2, 3, 3, 4, 4], 0, 1),
        ([0] * 8, 1, 0.5),
        ([0, 0, 1, 1, 0, 1, 1, 1], 0.71, 0.8),
    ],
)
def test_colocation_and_purity(topics, cosine, purity):
    found = colocation(topics, [True, True, False, False] * 2, ["fa"] * 4 + ["ar"] * 4)
    assert found["cosine"] == pytest.approx(cosine, abs=0.01)
    assert found["purity"] == pytest.approx(purity, abs=0.01)
    assert found["base"] == 0.5


def test_colocation_of_unequal_languages_ignores_a_third():
    """On the theme: three Persian passages in topic 0 and one in 1; one Arabic in 0, two in 1, one in 2; two off it."""
    fa, ar, off = [0, 0, 0, 1], [0, 1, 1, 2], [0, 2]
    topics, about = fa + ar + off + [0, 1, 3], [True] * 8 + [False] * 2 + [True, False, False]
    lang = ["fa"] * 4 + ["ar"] * 4 + ["fa", "ar"] + ["ps"] * 3
    found = colocation(topics, about, lang)
    assert found["cosine"] == pytest.approx((3 * 1 + 1 * 2) / math.sqrt(10 * 6))
    assert found["purity"] == pytest.approx((4 * 4 / 5 + 3 * 3 / 3 + 1 * 1 / 2) / 8)
    assert found["base"] == 0.8
    none = colocation(topics, [code == "fa" for code in lang], lang)
    assert math.isnan(none["cosine"]) and math.isnan(none["purity"]) and none["base"] == 0.5
