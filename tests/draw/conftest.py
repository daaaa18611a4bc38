"""Tables for the tests of the figures."""

import pandas as pd
import pytest
from drawn_tables import make_tables


@pytest.fixture(scope="session")
def tables() -> dict[str, pd.DataFrame]:
    """Return tables with ten topics in two languages."""
    return make_tables()
