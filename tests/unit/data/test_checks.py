"""Rules across options, which the workflow reads before every job."""

import subprocess
import sys

import pytest

from alignsweep.data.checks import CHECKS
from alignsweep.data.kinds import KINDS

EITHER = "either a set, or a file with its task"
FILE = {"file": "own/my.pkl", "task": "regression"}


@pytest.mark.parametrize(
    ("kind", "options", "allowed"),
    [
        ("multibench", {"set": "mosi"}, None),
        ("multibench", {"set": "mosi", "file": None, "task": None}, None),
        ("multibench", FILE, None),
        ("multibench", {"set": None} | FILE, None),
        ("multibench", {"set": "mosi"} | FILE, EITHER),
        ("multibench", {"set": "mosi", "file": "own/my.pkl"}, EITHER),
        ("multibench", {"file": "own/my.pkl"}, EITHER),
        ("multibench", {"file": "own/my.pkl", "task": None}, EITHER),
        ("multibench", {"task": "regression"}, EITHER),
        ("multibench", {}, EITHER),
        ("multiview", {"set": "mfeat", "train": 1000, "validation": 999}, None),
        (
            "multiview",
            {"set": "mfeat", "train": 1000, "validation": 1000},
            "train and validation together below 2000, the samples of mfeat",
        ),
        ("digits", {"train": 1000, "validation": 796}, None),
        ("digits", {"train": 1000, "validation": 797}, "train and validation together below 1797"),
        ("avmnist", {"audio": "logmel", "bands": 128}, None),
        ("avmnist", {"audio": "mfcc", "bands": 40}, None),
        ("avmnist", {"audio": "mfcc", "bands": 41}, "bands up to 40 with mfcc"),
    ],
)
def test_options_that_go_together(kind, options, allowed):
    found = CHECKS[kind](options)
    assert found == allowed or (allowed and found.startswith(allowed))


def test_what_is_checked_is_a_kind():
    assert set(CHECKS) <= set(KINDS)


def test_checks_are_light():
    heavy = "{'numpy', 'pandas', 'safetensors', 'sklearn', 'torch'}"
    code = (
        "import sys, alignsweep.data, alignsweep.data.checks; "
        f"assert not {heavy} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
