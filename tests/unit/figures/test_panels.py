import matplotlib.pyplot as plt
import pandas as pd
import pytest

from alignsweep.figures import maps, panels


@pytest.mark.parametrize(
    ("curve", "ends"),
    [
        ((0.9, 0.7, 1.1), (0.7, 1.0)),  # ends at the bound
        ((0.1, -0.2, 0.4), (0.0, 0.4)),
        ((1.02, 0.9, 1.2), (0.9, 1.02)),  # noise beyond it: ends at the value
        ((0.5, 0.4, 0.6), (0.4, 0.6)),
    ],
)
def test_an_interval_ends_where_the_range_does(curve, ends):
    one = pd.DataFrame([curve], columns=["mean", "low", "high"])
    found = panels.within(one, 0.0, 1.0).iloc[0]
    assert (found["low"], found["high"]) == pytest.approx(ends)
    assert found["mean"] == curve[0]


def test_without_an_interval_there_is_none():
    one = pd.DataFrame([(0.5, float("nan"), float("nan"))], columns=["mean", "low", "high"])
    assert panels.within(one, 0.0, 1.0)[["low", "high"]].isna().all(axis=None)


@pytest.mark.parametrize(("n", "columns"), [(1, 1), (2, 2), (3, 3), (4, 2), (5, 3), (12, 3)])
def test_panels_stand_side_by_side(n, columns):
    figure, axes = panels.make_panels([str(i) for i in range(n)])
    assert figure.get_figwidth() == (panels.ONE if columns == 1 else panels.TWO)
    assert axes[0].get_subplotspec().get_gridspec().ncols == columns


def test_an_axis_that_is_wide_stays():
    _, axes = plt.subplots()
    axes.set_ylim(0, 20)
    panels.at_least(axes, 10)
    assert axes.get_ylim() == (0, 20)
    panels.at_least(axes, 40)
    assert axes.get_ylim() == (-10, 30)


@pytest.mark.parametrize(
    ("value", "said"), [(1.25, "+1.2"), (-0.04, "0.0"), (0.0, "0.0"), (-12, "\N{MINUS SIGN}12.0")]
)
def test_a_number_with_its_sign(value, said):
    assert maps.signed(value) == said
