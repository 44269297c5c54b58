"""The figures: each a pure function of tables and of the datasets to draw.

A new figure is a module here, of the figure's name, with a function `draw`, and an entry in
`FIGURES`. The workflow makes the rest of the entry; `plotting.plot` draws it.

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
        What stands under it; reStructuredText, in which ``{source}`` is the source of the data, and
        ``{width}`` that of the embeddings.
    tables
        Names of the tables it is drawn from.
    per_source
        Whether there is one per source of data, or one over all datasets.
    needs
        What a study must have: ``"alignment"`` (it was measured, so not in an adaptive search),
        ``"information"`` (of at least one dataset), ``"synthetic"`` (a dataset of that kind),
        ``"widths"`` (several, of the embeddings of such).
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


#: name of a figure -> what it is
FIGURES: dict[str, Entry] = {
    "strength_curve": Entry(
        label="Probe accuracy against strength",
        category="Accuracy",
        caption="Test accuracy (correlation, where the label is a number) of a linear probe "
        "on the frozen encoder of each modality, against the alignment strength it "
        "was trained with ({source}). Points are means over seeds, bands 95 % intervals of "
        "the gain over strength 0, whose score is the dotted line: where a band leaves it, the "
        "gain or loss is beyond doubt. A star marks the optimum, chosen on the validation "
        "split; where training diverged at strength 0 there is none. A dashed line, where there is "
        "one, is the Bayes accuracy of the modality, which no encoder can exceed. The "
        "vertical axes differ: what a modality knows alone depends on the dataset, so "
        "compare with the ceiling, not across panels. What a strength does depends on the "
        "width of the embedding: it is {width} here.",
        tables=("gains", "optimum", "datasets"),
    ),
    "alignment_curve": Entry(
        label="Alignment against strength",
        category="Alignment",
        caption="Alignment of the two modalities' embeddings of test pairs against strength "
        "({source}), by the metrics on a common scale from 0, unrelated, to 1, "
        "identical (at most seven; another figure has them all). Points are means "
        "over seeds, bands their 95 % t intervals; dotted lines are the values that "
        "shuffled pairs would give.",
        tables=("alignment",),
        needs=("alignment",),
    ),
    "alignment_metrics": Entry(
        label="Every metric against strength",
        category="Alignment",
        caption="Every alignment metric of the study against strength ({source}), a panel per "
        "metric on its own scale and a line per dataset. Points are means over seeds, "
        "bands their 95 % t intervals; the dotted line is the value that shuffled "
        "pairs would give. Retrieval (recall, median rank), modality gap, alignment "
        "loss and uniformity are measured on the projections that the alignment loss "
        "sees, the others on the embeddings. At strength 0 the projections are "
        "untrained, so that those metrics show chance, not a baseline.",
        tables=("alignment",),
        needs=("alignment",),
    ),
    "alignment_tradeoff": Entry(
        label="Accuracy against alignment",
        category="Alignment",
        caption="Test accuracy of the linear probe against the alignment of the embeddings "
        "({source}); colour is the strength, grey lines join strengths in order. "
        "Where a line falls to the right, more alignment goes with less accuracy. The "
        "axes differ from panel to panel.",
        tables=("gains", "alignment"),
        needs=("alignment",),
    ),
    "gain_heatmap": Entry(
        label="Gain over strength 0",
        category="Accuracy",
        caption="Gain of the linear probe's test score over strength 0 ({source}), of "
        "accuracy in percentage points, of correlation in hundredths: means of "
        "differences paired by seed. Bold: different from 0 at the 5 % level (paired "
        "t test, Holm-corrected over strengths). The colour scale is linear up to 1 "
        "and logarithmic beyond.",
        tables=("gains",),
    ),
    "information": Entry(
        label="Information structure",
        category="Information",
        caption="What the two modalities tell about the label, in bits, split into what both "
        "tell (redundancy), what one alone tells (unique), and what only both "
        'together tell (synergy), after Bertschinger et al. 2014 (BROJA). "exact" is '
        "computed from the known distribution. Estimates are shown with the null "
        "removed; the paler bar beside each is the null: what the same pipeline finds "
        "when the labels are shuffled. Atoms below 0 point downwards. A dataset whose "
        "information was not estimated has no bar.",
        tables=("information",),
        per_source=False,
        needs=("information",),
    ),
    "information_truth": Entry(
        label="Estimates against the truth",
        category="Information",
        caption="Estimated atoms, null removed, against the exact ones, for the datasets "
        "whose distribution is known. On the grey line the estimate is the truth. "
        "Bars are 95 % bootstrap intervals of the sample; they do not cover the "
        "information that clusters lose.",
        tables=("information",),
        per_source=False,
        needs=("information", "synthetic"),
    ),
    "optimum_vs_redundancy": Entry(
        label="Optimum against redundancy",
        category="Information",
        caption="The optimal strength, with the range in which it lies in nine of ten, "
        "and its cross-fitted gain with 95 % interval, against the share of "
        "redundancy in the information about the label, R / (R + U1 + U2 + S): a "
        "point per dataset and modality, of the datasets whose information was "
        "estimated. The share is exact where the distribution is known. Gains of "
        "accuracy are in percentage points; those of correlation have a panel of "
        "their own.",
        tables=("information", "optimum"),
        per_source=False,
        needs=("information",),
    ),
    "width_curve": Entry(
        label="Gain by the width of the embedding",
        category="Controls",
        caption="Gain of the linear probe's test score over strength 0, mean of both modalities, "
        "where both encoders are trained with one strength; a row per redundancy R, a column per "
        "width of the embedding, a line per learning rate and number of steps. Bars are 95 % "
        "intervals, which hold for new samples. The vertical axes differ from row to row.",
        tables=("gains", "probe", "datasets"),
        per_source=False,
        needs=("widths",),
    ),
}


def possible(**has: bool) -> dict[str, Entry]:
    """Return the figures of a study that has (or has not) what figures need, by name."""
    return {name: e for name, e in FIGURES.items() if all(has[need] for need in e.needs)}
