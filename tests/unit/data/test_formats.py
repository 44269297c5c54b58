"""Every format with every feature is read as it is, or refused, and the page says which."""

import numpy as np
import pytest
from format_cases import CASES, PAGE, load, outcome, page

from alignsweep.study import contents

OUTCOMES = {}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.format}: {case.feature}")
def test_a_file_is_read_as_it_is_or_refused(case, tmp_path):
    said, pairs = OUTCOMES.setdefault(id(case), outcome(case))
    if case.like is None:
        assert said.startswith("refused: ")
        assert said.count("\n") == 0
        return
    assert said == "read"
    np.savez(tmp_path / "like.npz", **case.like)
    own = {k: v for k, v in case.options.items() if k == "split"}
    own |= {"group": "who"} if "who" in case.like else {}
    like = load(tmp_path / "like.npz", own)
    assert (pairs.classes, pairs.modalities) == (like.classes, like.modalities)
    np.testing.assert_array_equal(pairs.labels, like.labels)
    if "who" not in case.like:
        np.testing.assert_array_equal(pairs.split, like.split)
    for modality, x in like.inputs.items():
        np.testing.assert_allclose(pairs.inputs[modality], x, rtol=1e-5, atol=1e-6)
        if modality in like.masks:
            np.testing.assert_array_equal(pairs.masks[modality], like.masks[modality])


@pytest.mark.parametrize(
    "case",
    [c for c in CASES if c.like is not None],
    ids=lambda case: f"{case.format}: {case.feature}",
)
def test_what_is_read_is_not_refused_when_the_study_is(case, tmp_path):
    options = {"modalities": ["image", "text"], "label": "label"} | case.options
    options["path"] = str(case.write(tmp_path))
    assert list(contents.unknown_keys(options, ("datasets", "own"))) == []


def test_the_page_is_what_becomes_of_the_files():
    said = [OUTCOMES.get(id(case)) or outcome(case) for case in CASES]
    written = page([text for text, _ in said])
    assert written == PAGE.read_text(encoding="utf-8"), (
        "docs/formats.md is stale: make formats writes it anew"
    )
    assert len(CASES) >= 40
    assert len({(case.format, case.feature) for case in CASES}) == len(CASES)
