"""What is claimed, by name: a study whose data or strengths cannot show a claim has it not run."""

from __future__ import annotations

#: claim, as in ``claims.csv`` -> whether it is one of the paper, or one of this project's own
CLAIMS = {
    "unique information: accuracy falls": "paper",
    "redundant information: accuracy rises": "paper",
    "redundant information: it rises monotonically, then saturates": "paper",
    "mixed information: an inverted U rises": "paper",
    "mixed information: an inverted U falls again": "paper",
    "mixed information: the optimum": "paper",
    "alignment grows with strength": "paper",
    "shared nuisance harms: the loss at strength 1 grows with it": "here",
    "without shared nuisance: strength 1 does no harm": "here",
    "aligning a part: no strength does harm": "here",
    "aligning a part: it gains as much as aligning all, where that gains": "here",
    "the harm is contrastive: another loss loses less at strength 1": "here",
}
