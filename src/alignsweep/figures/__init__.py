"""The figures: each a pure function of tables and of the datasets to draw.

A new figure is a module here, of the figure's name, with a function `draw`, and an entry in
`FIGURES`, which has them in order of importance. The workflow makes the rest of the entry;
`plotting.plot` draws it. What things look like is in `looks`, the width of a figure in `panels`.

Nothing heavy is imported until a figure is drawn, because the workflow reads `FIGURES` before
every job.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from alignsweep.figures.panels import Tables


@dataclass(frozen=True)
class Entry:
    """A figure: what it is called, what it is drawn from, and which studies have it.

    Attributes
    ----------
    label, category
        Its name in the report, and the heading it stands under.
    caption
        What stands under it; reStructuredText, in which ``{source}`` is the sources of data, and
        ``{width}`` the widths of the embeddings, of each source.
    tables
        Names of the tables it is drawn from.
    per_source
        Whether there is one per source of data, or one over all datasets.
    needs
        What a study must have: ``"alignment"`` (it was measured, so not in an adaptive search),
        ``"information"`` (of at least one dataset), ``"synthetic"`` (a dataset of that kind),
        ``"widths"`` (several, of the embeddings of such), ``"nuisance"`` (several amounts of it, of
        such), ``"alignments"`` (several), ``"retrieval"`` (that use).
    draw
        Function ``(tables, datasets) -> Figure``; by default `draw` of the module here that has the
        figure's name. An extension gives its own.
    """

    label: str
    category: str
    caption: str
    tables: tuple[str, ...]
    per_source: bool = True
    needs: tuple[str, ...] = ()
    draw: Callable[[Tables, Sequence[str]], Figure] | None = None


#: Ends the caption of what draws one way to align, whatever others the study has.
FIRST = " Of several ways to align, it shows the first."

#: name of a figure -> what it is, the most important first
FIGURES: dict[str, Entry] = {
    "strength_curve": Entry(
        label="Probe accuracy against strength",
        category="Accuracy",
        caption="Upper panels: test accuracy (correlation, where the label is a number) of a "
        "linear probe on the frozen encoder of each modality, against the alignment strength it "
        "was trained with. Points are means over seeds, bands their 95 % intervals, which end at "
        "the Bayes ceiling where it is known: no encoder can exceed it. Lower panels: what that "
        "is more or less than at strength 0, in points, with 95 % intervals of differences paired "
        "by seed; all have one scale. Where such a band leaves 0, the gain or loss is beyond "
        "doubt. A star is the optimum, chosen on the validation split. What a strength does "
        "depends on the width of the embedding: {width}." + FIRST,
        tables=("gains", "optimum", "datasets"),
    ),
    "gain_heatmap": Entry(
        label="Gain over strength 0",
        category="Accuracy",
        caption="Gain of the linear probe's test score over strength 0: of accuracy in points, of "
        "correlation in hundredths; means of differences paired by seed. Bold: different from 0 "
        "at the 5 % level (Holm-corrected over strengths). Colours mean the same in every map of "
        "every study; their scale is linear up to 1 and logarithmic beyond." + FIRST,
        tables=("gains",),
    ),
    "nuisance_map": Entry(
        label="Cause of the harm: redundancy or shared nuisance?",
        category="Alignments",
        caption="Gain at the usual strength 1 over strength 0, mean of both encoders, in "
        "points of accuracy, by how many label bits both modalities see (rows) and how many "
        "bits that do not matter they share (columns), a map per way to align; bold where the "
        "95 % interval excludes 0. If missing redundancy did the harm, colours would change "
        "from row to row; if shared nuisance does, they change from column to column.",
        tables=("gains", "datasets"),
        per_source=False,
        needs=("nuisance",),
    ),
    "alignment_choice": Entry(
        label="Gain by the way to align",
        category="Alignments",
        caption="Gain of the linear probe's test score over strength 0, mean of both "
        "encoders, against strength, a line per way to align; bands are 95 % intervals. A line "
        "that stays at 0 or above is harmless however strong; one that falls has a strength to be "
        "chosen with care. Strengths of different losses weigh different things: another figure "
        "compares them at equal alignment.",
        tables=("gains",),
        needs=("alignments",),
    ),
    "achieved_alignment": Entry(
        label="Gain by the alignment achieved",
        category="Alignments",
        caption="Gain of the linear probe's test score over strength 0, mean of both "
        "encoders, against the alignment of the embeddings that is achieved, strengths in order "
        "along a line, the large mark the largest; bars are 95 % intervals. At equal alignment, "
        "the higher line is the better way to align. Lines that do not reach to the right align "
        "little by this metric, whatever their strength.",
        tables=("gains", "alignment"),
        needs=("alignment", "alignments"),
    ),
    "retrieval_tradeoff": Entry(
        label="What retrieval costs",
        category="Alignments",
        caption="Gain of the linear probe's test score over strength 0, mean of both "
        "encoders, against recall at 1, the share of samples whose pair is found first "
        "among 256 candidates of the other modality, mean of both directions; strengths in order "
        "along a line, the large mark the largest, a line per way to align; bars are 95 % "
        "intervals. On the grey front nothing is better at the one without being worse at the "
        "other: what lies on it above 0 is retrieval for free.",
        tables=("gains",),
        needs=("retrieval",),
    ),
    "optimum_vs_redundancy": Entry(
        label="Optimum against redundancy",
        category="Information",
        caption="The optimal strength, with the range in which it lies in nine of ten, "
        "and its cross-fitted gain with 95 % interval, against the share of "
        "redundancy in the information about the label, R / (R + U1 + U2 + S): a "
        "point per dataset and modality, those of a dataset a little apart, of the "
        "datasets whose information was estimated; their names stand above, if there "
        "are at most 24. The share is exact where the distribution is known. Gains of "
        "accuracy are in points; those of correlation have a panel of their own." + FIRST,
        tables=("information", "optimum"),
        per_source=False,
        needs=("information",),
    ),
    "alignment_tradeoff": Entry(
        label="Accuracy against alignment",
        category="Alignment",
        caption="Gain of each encoder's test score over strength 0 against the alignment of the "
        "embeddings; strengths in order along a line, the large mark the largest, bars are 95 % "
        "intervals. Where a line falls to the right, more alignment goes with less accuracy."
        + FIRST,
        tables=("gains", "alignment"),
        needs=("alignment",),
    ),
    "alignment_curve": Entry(
        label="Alignment against strength",
        category="Alignment",
        caption="Alignment of the two modalities' embeddings of test pairs against strength, by "
        "the metrics on a common scale from 0, unrelated, to 1, identical (at most five; another "
        "figure has them all). Points are means over seeds, bands their 95 % t intervals, within "
        "the range of the metric; dotted lines are the values that shuffled pairs would give."
        + FIRST,
        tables=("alignment",),
        needs=("alignment",),
    ),
    "information": Entry(
        label="Information structure",
        category="Information",
        caption="What the two modalities tell about the label, in bits, split into what both "
        "tell (redundancy), what one alone tells (unique), and what only both "
        'together tell (synergy), after Bertschinger et al. 2014 (BROJA). "exact" is '
        "computed from the known distribution. Paler bars are estimates with the null removed, "
        "and their 95 % intervals; the upright mark is that null: what the same pipeline finds "
        "when the labels are shuffled. Where it is large, little is known. An estimate below 0 is "
        "no information that is found. A dataset whose information was not estimated has no bar.",
        tables=("information",),
        per_source=False,
        needs=("information",),
    ),
    "width_curve": Entry(
        label="Gain by the width of the embedding",
        category="Controls",
        caption="Gain of the linear probe's test score over strength 0, mean of both modalities, "
        "where both encoders are trained with one strength; a row per redundancy R, a column per "
        "width of the embedding, a line per learning rate and number of steps. Bars are 95 % "
        "intervals, which hold for new samples." + FIRST,
        tables=("gains", "probe", "datasets"),
        per_source=False,
        needs=("widths",),
    ),
    "information_truth": Entry(
        label="Estimates against the truth",
        category="Information",
        caption="Estimated atoms, null removed, against the exact ones, for the datasets "
        "whose distribution is known. On the grey line the estimate is the truth; each panel has "
        "a scale of its own, the same on both axes. Bars are 95 % bootstrap intervals of the "
        "sample; they do not cover the information that clusters lose.",
        tables=("information",),
        per_source=False,
        needs=("information", "synthetic"),
    ),
    "alignment_metrics": Entry(
        label="Every metric against strength",
        category="Alignment",
        caption="Every alignment metric of the study against strength, a panel per metric and a "
        "line per dataset (biased CKA is in the table only, where debiased CKA is measured). "
        "Metrics from 0, unrelated, to 1, identical, have that scale, the others their own. "
        "Points are means over seeds, bands their 95 % t intervals, within the range of the "
        "metric; the dotted line is the value that shuffled pairs would give. Retrieval (recall, "
        "median rank), modality gap, alignment loss and uniformity are measured on the "
        "projections that the alignment loss sees, the others on the embeddings. At strength 0 "
        "the projections are untrained, so that those metrics show chance, not a baseline." + FIRST,
        tables=("alignment",),
        needs=("alignment",),
    ),
}


def possible(**has: bool) -> dict[str, Entry]:
    """Return the figures of a study that has (or has not) what figures need, by name."""
    return {name: e for name, e in FIGURES.items() if all(has[need] for need in e.needs)}
