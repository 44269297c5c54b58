import pandas as pd
import pytest

from alignsweep.figures import retrieval_tradeoff


def test_it_shows_recall_and_gain(study_tables):
    axes = retrieval_tradeoff.draw(study_tables, ["synthetic-R4"]).axes[0]
    first, other, front = (line for line in axes.lines if len(line.get_xdata()) == 3)
    assert first.get_xdata() == pytest.approx([0, 10, 50])  # per cent
    assert first.get_ydata() == pytest.approx([0, 4, -12])
    assert other.get_xdata() == pytest.approx([0, 5, 25])
    assert front.get_xdata() == pytest.approx([50, 25, 10])
    assert front.get_ydata() == pytest.approx([-12, 0, 4])


def test_the_front_is_what_nothing_is_better_than():
    dots = pd.DataFrame({"x": [1, 2, 2, 3, 0], "y": [5, 5, 4, 1, 6]})
    front = retrieval_tradeoff.pareto(dots)
    assert list(zip(front["x"], front["y"], strict=True)) == [(3, 1), (2, 5), (0, 6)]
