"""Recipes take NumPy's numbers as well as Python's, and refuse what is no number."""

import json
from dataclasses import asdict

import numpy as np
import pytest

from topiclib import Recipe


def test_numpy_numbers_are_stored_as_python_numbers() -> None:
    recipe = Recipe(seed=np.int64(3), n_topics=np.int32(4), stability=np.uint8(2), resolution=np.float32(1.5))
    assert recipe == Recipe(seed=3, n_topics=4, stability=2, resolution=1.5)
    assert json.dumps(asdict(recipe)) == json.dumps(asdict(Recipe(seed=3, n_topics=4, stability=2, resolution=1.5)))


@pytest.mark.parametrize("value", [3.0, np.float64(3), "3", True, np.True_, -1, np.int64(-1), None])
def test_other_seeds_are_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"seed is .*: expected a whole number"):
        Recipe(seed=value)


@pytest.mark.parametrize("value", ["1", True, None, 0, -1.0, np.nan])
def test_other_resolutions_are_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"resolution is .*: expected a number"):
        Recipe(resolution=value)
