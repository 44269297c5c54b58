"""Gains by the width of the embedding."""

import numpy as np
import pandas as pd
from conftest import make_gains, make_probe, make_tables

from alignsweep.figures import width_curve

NAMES = ["W6-R0", "W12-R0", "W6-R8", "W12-R8"]


def four():
    """Two widths at two redundancies."""
    gains = make_gains(dict.fromkeys(NAMES, ("accuracy",)))
    facts = pd.DataFrame([(n, "a+b", "redundancy", int(n[-1])) for n in NAMES],
                         columns=["dataset", "modality", "fact", "value"])  # fmt: skip
    probe = make_probe(NAMES).assign(width=[6, 12, 6, 12])
    return make_tables(gains=gains, probe=probe, datasets=facts)


def test_a_row_per_redundancy_and_a_column_per_width():
    figure = width_curve.draw(four(), NAMES)
    assert [axes.get_title() for axes in figure.axes] == [
        "R = 0, width 6", "R = 0, width 12", "R = 8, width 6", "R = 8, width 12",
    ]  # fmt: skip


def test_gains_of_both_are_in_points_with_a_line_per_training():
    made = four()
    made["probe"]["learning_rate"] = [0.003, 0.003, 0.001, 0.003]
    figure = width_curve.draw(made, NAMES)
    line = figure.axes[0].lines[0]
    np.testing.assert_allclose(line.get_xdata(orig=False), [0, 0.4, 2])
    np.testing.assert_allclose(line.get_ydata(orig=False), [0, 4, -12], atol=1e-9)
    (legend,) = figure.legends
    assert [t.get_text() for t in legend.texts] == [
        "learning rate 0.001, 640 steps", "learning rate 0.003, 640 steps",
    ]  # fmt: skip


def test_a_dataset_of_unknown_redundancy_is_left_out():
    made = four()
    made["datasets"] = made["datasets"].iloc[:2]
    assert len(width_curve.draw(made, NAMES).axes) == 2
