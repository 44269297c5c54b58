from pathlib import Path

import pytest

from alignsweep import damage
from alignsweep.damage import DamagedError

CELL = "r/x y/alignment=infonce/strength=0.4/seeds=0-4/probe.csv"


def test_the_sentence_names_the_file_what_is_wrong_and_what_to_do():
    assert str(DamagedError("a b/x.csv", "has no rows")) == (
        "a b/x.csv has no rows; remove it (rm 'a b/x.csv') and run the same command again, which "
        "makes it anew"
    )


def test_what_goes_wrong_while_reading_is_damage_but_not_a_file_that_is_missing():
    said = pytest.raises(DamagedError, match=r"^x.csv cannot be read \(KeyError: 'y'\); remove")
    with said, damage.reading("x.csv"):
        {}["y"]
    with pytest.raises(FileNotFoundError), damage.reading("x.csv"):
        Path("nothing/there").read_text()
    with pytest.raises(DamagedError, match=r"^y is bad"), damage.reading("x.csv"):
        raise DamagedError("y", "is bad")


def test_folders_say_what_a_file_is_of():
    of_cell = {"dataset": "x y", "alignment": "infonce", "strength": "0.4", "seeds": "0-4"}
    assert damage.place(CELL) == of_cell
    assert damage.place("/a=b/strength=3/d/alignment=z/e.csv") == {"dataset": "d", "alignment": "z"}
    assert damage.place("alignment=z/e.csv")["dataset"] == ""
    assert damage.place("/a=b/x/scores.csv") == {}


def test_a_file_that_stands_in_another_place_is_named():
    damage.check_place(CELL, {"strength": "0.4", "seeds": "0-4", "other": 1})
    with pytest.raises(DamagedError, match=r"is of strength 2, and stands at strength 0\.4"):
        damage.check_place(CELL, {"alignment": "infonce", "strength": "2"})
