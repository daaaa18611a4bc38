"""The tables that figures are drawn from, made once."""

import pandas as pd
import pytest
from drawn_tables import make_tables


@pytest.fixture(scope="session")
def tables() -> dict[str, pd.DataFrame]:
    """Ten topics in two languages."""
    return make_tables()
