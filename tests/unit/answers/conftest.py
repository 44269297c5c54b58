import pytest
from made_up import INFORMATION, advise, table


@pytest.fixture
def answer():
    """Return the answer from tables, or from the scores that `table` makes of options."""

    def make(
        scores=None, sizes=None, information=INFORMATION, controls=None, predicted=None, **options
    ):
        made = table(**options) if scores is None else scores
        return advise(made, sizes, information, controls=controls, predicted=predicted)

    return make
