"""What benchmarks/coverage.py found.

    python benchmarks/coverage_report.py FOLDER

Coverage of intervals, verdicts of two datasets of one population against each other, what an
"align" claims and what is true, the set of the optimum, and verdicts on shorter lists of strengths.
"""

import sys
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from coverage import POPULATIONS, SEEDS, dataset

from alignsweep import sample_scores, tables
from alignsweep.selection.design import Design, design
from alignsweep.selection.gains import gains
from alignsweep.selection.optimum import DO_NOT, GAINS, recommend

#: What is compared: the part of the models it takes, and whether it knows their test samples.
WAYS = {
    "a split per seed": ("split", True),
    "one split, crossed": ("given", True),
    "one split, seeds": ("given", False),  # as it was
}
SHORTER = (("0", "0.2", "1"), ("0", "0.6", "1"), ("0", "1", "2"), ("0", "0.2", "1", "2"),
           ("0", "0.2", "0.6", "1"), ("0", "0.6", "1", "2"), ("0", "1"))  # fmt: skip


class Study(NamedTuple):
    """One dataset with the models of one design."""

    scores: pd.DataFrame
    samples: dict
    designs: dict[str, Design]

    def answer(self, strengths: tuple[str, ...] | None = None) -> pd.DataFrame:
        """Return the optimum by the whole list of strengths, or by a part of it."""
        own = self.scores
        own = own[own["strength"].isin(strengths)] if strengths else own
        return recommend(own, samples=self.samples, designs=self.designs)


def studies(folder: Path, population: str, part: str, *, known: bool) -> list[Study]:
    """Return the studies of all datasets of a population."""
    found = []
    for path in sorted(folder.glob(f"{population}-*.csv")):
        table, values = tables.read(path), sample_scores.load([path.with_suffix(".safetensors")])
        # the model of seed 0 serves both designs
        table = table[(table["design"] == part) | (table["seed"] == 0)]
        for name, scores in table.groupby("dataset", sort=False):
            if scores["seed"].nunique() < len(SEEDS):
                continue
            draw = int(str(name).rpartition("-")[2])
            own = dataset(population, draw)
            samples = {
                ("infonce", strength, seed, "unimodal", m): value
                for (named, strength, seed, m), value in values.items()
                if named in (f"{part} {draw}", f"split {draw}")
                and (seed == 0 or named == f"{part} {draw}")
            }
            made = design(own if part == "split" else own.draw(0), len(SEEDS))
            found.append(Study(scores, samples if known else {}, {str(name): made}))
    return found


def report(folder: Path) -> None:
    """Print what was found."""
    truth = {}
    for population in POPULATIONS:
        every = pd.concat(
            gains(s.scores) for s in studies(folder, population, "split", known=False)
        )
        truth[population] = every.groupby(["modality", "strength"])["gain"].mean()
        print(f"\n# {population}: {every['dataset'].nunique()} datasets; true gains in points")
        said = every.pivot_table(index="modality", columns="strength", values="gain")
        print((100 * said).round(2).to_string())
    for way, (part, known) in WAYS.items():
        intervals, answers = [], []
        for population in POPULATIONS:
            for n, one in enumerate(studies(folder, population, part, known=known)):
                found = gains(one.scores, one.samples, one.designs).assign(n=n)
                answers.append(one.answer().assign(n=n, population=population))
                found["truth"] = truth[population].reindex(
                    pd.MultiIndex.from_frame(found[["modality", "strength"]])
                ).to_numpy()  # fmt: skip
                intervals.append(found.assign(population=population))
        print(f"\n# {way}")
        coverage(pd.concat(intervals))
        verdicts(pd.concat(answers), truth)
    sublists(folder)


def coverage(found: pd.DataFrame) -> None:
    """Print how often intervals hold, how wide they are, and by how much the gain is wrong."""
    found = found[(found["strength"] != "0") & found["gain_low"].notna()]
    found = found.assign(
        covers=(found["gain_low"] <= found["truth"]) & (found["truth"] <= found["gain_high"]),
        half=50 * (found["gain_high"] - found["gain_low"]),
        error=(100 * (found["gain"] - found["truth"])) ** 2,
    )
    found = found[found["modality"] != "both"]
    said = found.groupby("population")[["covers", "half", "error"]].mean()
    said.loc["pooled"] = found[["covers", "half", "error"]].mean()
    said["error"] **= 0.5
    print(said.round(3).to_string())
    by_strength = found.astype({"covers": float}).pivot_table(
        index="population", columns="strength", values="covers"
    )
    print(by_strength.round(3).to_string())


def verdicts(found: pd.DataFrame, truth: dict) -> None:
    """Print how often two datasets contradict each other, and how true an "align" is."""
    found = found.reset_index(drop=True)
    found["true"] = [
        truth[row["population"]].loc[row["modality"], row["optimum"]] for _, row in found.iterrows()
    ]
    by_draw = found.pivot_table(
        index="n", columns=["population", "modality"], values="verdict", aggfunc="first"
    )
    contradict = total = 0
    for column in by_draw:
        said = by_draw[column].value_counts()
        n = said.sum()
        gains_, loses = sum(said.get(v, 0) for v in GAINS), said.get(DO_NOT, 0)
        contradict += 2 * gains_ * loses
        total += n * (n - 1)
    aligned = found[found["verdict"].isin(GAINS)]
    held = [
        float(row["optimum_low"]) <= best_of(truth[row["population"]], row["modality"])
        <= float(row["optimum_high"])
        for _, row in found.iterrows()
    ]  # fmt: skip
    print(found["verdict"].value_counts(normalize=True).round(3).to_dict())
    print(f"two datasets, align against do not align: {100 * contradict / total:.2f} %")
    none = found[found["true"] <= 0]
    said = none["verdict"].isin(GAINS).mean()
    of_all = 100 * (aligned["true"] <= 0).sum() / len(found)
    print(f"align where the true gain of the optimum is not above 0: {100 * said:.1f} % of "
          f"{len(none)}; of all answers {of_all:.1f} %")  # fmt: skip
    if len(aligned):
        print(f"claimed {100 * aligned['gain'].mean():.2f} points where align is said "
              f"({len(aligned)}), true {100 * aligned['true'].mean():.2f}")  # fmt: skip
    print(f"the set of the optimum holds the population's: {100 * sum(held) / len(held):.1f} %")


def best_of(truth: pd.Series, modality: str) -> float:
    """Return the population's optimum."""
    own = truth.loc[modality]
    return float(max(own.index, key=lambda s: own[s]))


def sublists(folder: Path) -> None:
    """Print how often a part of the strengths gives another verdict."""
    changed = total = 0
    for population in POPULATIONS:
        for one in studies(folder, population, "split", known=True):
            whole = one.answer().set_index("modality")
            for strengths in SHORTER:
                part = one.answer(strengths).set_index("modality")
                for modality, row in whole.iterrows():
                    if row["optimum"] in strengths:
                        total += 1
                        changed += part.loc[modality, "verdict"] != row["verdict"]
    print(f"\n# other verdict on a part of the strengths: {100 * changed / total:.1f} % of {total}")


if __name__ == "__main__":
    report(Path(sys.argv[1]))
