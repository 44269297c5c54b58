"""The atoms of a decomposition: what they are called, which stand for a dataset, their shares."""

from __future__ import annotations

import numpy as np
import pandas as pd

#: atom -> its label
ATOMS = {
    "redundancy": "redundancy",
    "unique_a": "unique to the first modality",
    "unique_b": "unique to the second",
    "synergy": "synergy",
}


def preferred(information: pd.DataFrame, dataset: str) -> pd.DataFrame | None:
    """Return the atoms that stand for a dataset, indexed by atom; None if it has none.

    They are exact where the distribution is known, else of the first estimate in the table.
    """
    own = information[information["dataset"] == dataset] if len(information) else information
    if own.empty:
        return None
    method = "exact" if "exact" in set(own["method"]) else own["method"].iloc[0]
    return own[own["method"] == method].set_index("atom")


def shares(atoms: pd.DataFrame) -> pd.Series:
    """Return each atom's share of all information, null removed; atoms below 0 count as 0.

    NaN if there is no information at all.
    """
    bits = atoms["corrected_bits"].clip(lower=0)[list(ATOMS)]
    total = float(bits.sum())
    return bits / total if total > 0 else bits * np.nan
