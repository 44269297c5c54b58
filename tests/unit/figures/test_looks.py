"""The same thing looks the same everywhere, and is told by more than its colour."""

import itertools

import pandas as pd
import pytest

from alignsweep.atoms import ATOMS
from alignsweep.figures import looks
from alignsweep.metrics import METRICS

NAMES = [f"way-{i}" for i in range(9)]


def alignments(names):
    return looks.alignments(pd.DataFrame({"alignment": names * 2}))


@pytest.mark.parametrize("make", [alignments, looks.metrics, looks.modalities, looks.ordered])
def test_no_two_have_one_marker_and_one_line(make):
    names = NAMES[:5] if make is not alignments else NAMES
    named = make(names)
    assert list(named) == names
    seen = {(look["marker"], str(look.get("linestyle", "-"))) for look in named.values()}
    assert len(seen) == len(names)
    assert len(
        {(str(look["color"]), str(look.get("linestyle"))) for look in named.values()}
    ) == len(names)


def test_what_one_modality_alone_tells_has_its_colour():
    first, second = looks.modalities(["image", "audio", "image"]).values()
    assert set(looks.ATOMS) == set(ATOMS)
    assert looks.ATOMS["unique_a"] == first["color"]
    assert looks.ATOMS["unique_b"] == second["color"]


def test_alignments_do_not_have_the_colours_of_modalities():
    own = {look["color"] for look in alignments(NAMES).values()}
    assert not own & {look["color"] for look in looks.SIDES}


def test_first_ways_to_align_and_first_metrics_do_not_share_colours():
    ways = {look["color"] for look in alignments(NAMES[:2]).values()}
    assert not ways & {look["color"] for look in looks.metrics(list(METRICS)[:3]).values()}


def test_grey_tells_ordered_things_apart():
    def grey(colour):
        return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), colour[:3], strict=True))

    levels = [grey(look["color"]) for look in looks.ordered(NAMES[:5]).values()]
    assert levels == sorted(levels)
    assert min(b - a for a, b in itertools.pairwise(levels)) > 0.05
