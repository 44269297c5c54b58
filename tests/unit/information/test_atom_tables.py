import numpy as np
import pandas as pd
import pytest

from alignsweep.atoms import ATOMS, preferred, shares


def rows(dataset, method, bits=(1.0, 0.5, 0.25, 0.25, 2.0)):
    return pd.DataFrame(
        {
            "dataset": dataset,
            "method": method,
            "atom": [*ATOMS, "total"],
            "corrected_bits": bits,
        }
    )


@pytest.mark.parametrize(
    ("methods", "expected"),
    [
        (["discrete"], "discrete"),
        (["neural", "discrete"], "neural"),
        (["discrete", "neural"], "discrete"),
        (["discrete", "exact"], "exact"),
    ],
)
def test_what_is_exact_stands_for_a_dataset_else_the_first_estimate(methods, expected):
    table = pd.concat([rows("other", "exact"), *(rows("x", m) for m in methods)])
    found = preferred(table, "x")
    assert set(found["method"]) == {expected}
    assert set(found["dataset"]) == {"x"}
    assert found.index.tolist() == [*ATOMS, "total"]


@pytest.mark.parametrize("table", [rows("other", "exact"), pd.DataFrame()])
def test_a_dataset_without_atoms_has_none(table):
    assert preferred(table, "x") is None


def test_shares_of_all_information():
    atoms = rows("x", "exact").set_index("atom")
    assert shares(atoms).to_dict() == dict(zip(ATOMS, (0.5, 0.25, 0.125, 0.125), strict=True))


def test_an_atom_below_nothing_has_no_share():
    atoms = rows("x", "discrete", (0.6, 0.2, -0.1, -0.05, 0.65)).set_index("atom")
    np.testing.assert_allclose(shares(atoms), [0.75, 0.25, 0, 0])


def test_where_there_is_no_information_no_share_is_known():
    atoms = rows("x", "discrete", (-0.1, 0.0, -0.2, 0.0, -0.3)).set_index("atom")
    assert shares(atoms).index.tolist() == list(ATOMS)
    assert shares(atoms).isna().all()
