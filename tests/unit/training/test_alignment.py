import pytest

from alignsweep.training import alignment
from alignsweep.training.alignment import Alignment
from alignsweep.training.encoders import MLP
from alignsweep.training.objectives import InfoNCE


def test_an_alignment_is_made_of_its_entry_in_the_configuration():
    made = alignment.make("warm", objective="infonce", temperature=0.5, projection=[8, 4])
    assert made == Alignment("warm", InfoNCE(0.5), (8, 4))
    part = alignment.make("part", shared_width=2, scale=0.5)
    assert (part.shared_width, part.scale) == (2, 0.5)
    assert alignment.make("infonce") == Alignment()


def test_an_objective_that_is_unknown_is_named():
    with pytest.raises(ValueError, match="objective is 'magic'; allowed: infonce, "):
        alignment.make("x", objective="magic")


def test_the_projection_is_as_wide_as_the_narrower_embedding_unless_it_is_given():
    assert Alignment().layers(6, 4) == MLP((), 4)
    assert Alignment(projection=(8, 3)).layers(6, 4) == MLP((8,), 3)
    assert Alignment(shared_width=2).layers(6, 4) == MLP((), 4)
    assert Alignment(shared_width=2, projection=(8, 3)).layers(6, 4) == MLP((8,), 3)


def test_a_temperature_of_nothing_is_an_error():
    with pytest.raises(ValueError, match="temperature is 0; allowed: a number above 0"):
        InfoNCE(0)
