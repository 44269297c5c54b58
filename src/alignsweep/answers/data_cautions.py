"""What is to be known about a dataset before its answer is believed, from its facts."""

from __future__ import annotations

import pandas as pd

#: fact about the pair -> what was assumed
GUESSES = {
    "task_guessed": "The labels are taken for {what}, by a guess from their values: `task` says it "
    "for sure.",
}
#: fact -> warning; the log of `prepare_dataset` has the names
CAUTIONS = {
    "duplicates_across_splits": "{modality}: {value} samples of validation and test have exactly "
    "the inputs of a training sample, so that scores are too good for new data. Where the split "
    "is drawn, `group: duplicates` keeps such samples together.",
    "telling_features": "{modality}: {value} of its features each tell the label alone. If they "
    "were made from the label, leave them out: nothing else is measured.",
    "is_label": "{modality} takes only {value} values, each with one label: it is the label in "
    "another form.",
    "same_inputs": "{modality}: both have the same inputs. There is nothing to align.",
    "padded_samples": "{modality}: steps of zeros only, in front or behind, are taken for padding "
    "({value} samples have some); `masks` says where steps are.",
}


def assumed(facts: pd.DataFrame) -> list[str]:
    """Return sentences on what was guessed, from a dataset's ``facts.csv``."""
    known = facts.set_index("fact")["value"]
    what = f"{int(known['classes'])} classes" if "classes" in known else "numbers (regression)"
    return [said.format(what=what) for fact, said in GUESSES.items() if fact in known]


def warnings(facts: pd.DataFrame) -> list[str]:
    """Return sentences on what may mislead, from a dataset's ``facts.csv``."""
    return [
        CAUTIONS[row["fact"]].format(modality=row["modality"], value=int(row["value"]))
        for row in facts.to_dict("records")
        if row["fact"] in CAUTIONS
    ]
