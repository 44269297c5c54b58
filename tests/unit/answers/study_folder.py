"""A made-up study that is finished, but for one dataset that failed, as a folder."""

import numpy as np
import pandas as pd
from made_up import INFORMATION, facts, table

from alignsweep import tables
from alignsweep.answers import explorer, overview, page, recommendation
from alignsweep.metrics import plane
from alignsweep.selection import optimum, uses

DATASET, FAILED = "toy-a-b", "<broken>-a-b"
STRENGTHS = ("0", "0.2", "1", "2")
STUDY = {"study": "toy & co", "datasets": {DATASET: {}, FAILED: {}}, "search": "grid"}
CAPTIONS = {
    f"{name}-{source}": overview.Caption(label, source, f"What is drawn ({source}), <if> anything.")
    for name, label in (("second", "The second figure"), ("first", "The first figure"))
    for source in ("toy", "others")
}
CLAIMS = [
    ("unique information: accuracy falls", "a", -0.1, -0.2, -0.05, True),
    ("unique information: accuracy falls", "b", -0.01, -0.2, 0.1, False),
    ("alignment grows with strength", "cka_debiased", 0.5, 0.4, 0.6, True),
    ("mixed information: the optimum", "a", 0.1, 0.1, 0.2, False),
]


def known():
    """The tables of the dataset, of two alignments."""
    scores = table()
    other = scores.assign(alignment="part", shared_width=2)
    other.loc[other["strength"] != "0", "value"] -= 0.01
    scores = pd.concat([scores, other], ignore_index=True)
    return {
        "scores": scores,
        "gains": optimum.gains(scores),
        "optimum": optimum.recommend(scores),
        "uses": uses.uses(scores),
        "facts": facts(),
    }


def alignment():
    rows = [
        {"dataset": DATASET, "alignment": a, "strength": s, "seed": k, "metric": metric,
         "value": (0.1 + i) / 5 + k / 100}
        for metric in ("cka_debiased", "recall_at_1") for a in ("infonce", "part")
        for i, s in enumerate(STRENGTHS) for k in range(3)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def laid_out(pairs=30):
    """Pairs in a plane, which come together as the strength grows; all but one strength of part."""
    rng = np.random.default_rng(0)
    a, apart = rng.normal(0, 0.5, (pairs, 2)), rng.normal(0, 0.5, (pairs, 2))
    frames = []
    for way, strength in [(w, s) for w in ("infonce", "part") for s in STRENGTHS]:
        if (way, strength) == ("part", "2"):
            continue
        b = a + apart / (1 + 10 * float(strength))
        frames.append(
            pd.DataFrame(
                {"dataset": DATASET, "alignment": way, "strength": strength, "seed": 0,
                 "modality_a": "a", "modality_b": "b", "sample": np.arange(pairs),
                 "group": np.arange(pairs) % 3, "x_a": a[:, 0], "y_a": a[:, 1], "x_b": b[:, 0],
                 "y_b": b[:, 1], "shown": 0.5}
            )
        )  # fmt: skip
    return pd.concat(frames, ignore_index=True)[list(plane.COLUMNS)]


def make(folder, with_explorer=True):
    """Write the study into a folder; return its results."""
    results, logs = folder / "results", folder / "logs"
    own = results / DATASET
    for place in (own, results / "tables", results / "figures", logs / FAILED):
        place.mkdir(parents=True)
    found = known()
    answer = recommendation.advise(**found, information=INFORMATION)
    files = {"json": "json", "figure": "svg", "page": "md", "html": "html"}
    page.write(answer, found, {k: str(own / f"recommendation.{e}") for k, e in files.items()})
    (logs / FAILED / "prepare_dataset.log").write_text("...\nFAILED: ValueError: <no> archive\n")
    for name in ("gains", "optimum", "uses"):
        tables.write(found[name], results / "tables" / f"{name}.csv")
    rows = [
        {"claim": claim, "dataset": DATASET, "alignment": "infonce", "modality": m, "expected": "x",
         "observed": "y", "effect": effect, "low": low, "high": high, "holds": holds}
        for claim, m, effect, low, high, holds in CLAIMS
    ]  # fmt: skip
    tables.write_rows(rows, results / "tables" / "claims.csv")
    for stem in list(CAPTIONS)[:3]:
        (results / "figures" / f"{stem}.svg").write_text(
            '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="50">'
            '<text y="20" fill="#123">100 % "of" it</text></svg>'
        )
    if with_explorer:
        shown = {"gains": found["gains"], "alignment": alignment()}
        explorer.write(shown, [laid_out()], results / "explorer.html")
    overview.write(STUDY, str(results), str(logs), CAPTIONS)
    return results
