"""The top level of a study's configuration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from alignsweep.options import Count, Positive, rule
from alignsweep.scores import UNIMODAL, USES

#: Names become parts of paths: no dots or slashes at the start, no line break at the end.
_NAME = r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}\Z"


@dataclass(frozen=True)
class Study:
    """What a study is made of; the blocks of its datasets come beside.

    Attributes
    ----------
    study
        Its name: letters, digits, ``_``, ``.``, ``-``, since it names a folder.
    strengths
        Weights of the alignment loss, in one list for the whole study. **Quoted, in their shortest
        form** (``"0.4"``), because they are parts of file names: 0.4, 0.40 and 4e-1 would be three
        files. ``"0"``, independent training, must be there: every gain is measured against it. A
        strength added later re-runs the jobs of every dataset, since a job makes all strengths (but
        see ``strengths_per_job``).
    datasets
        Sources of data, by name; see below.
    alignments
        Ways to align, by name; see below. Each is trained at every strength.
    uses
        What encoders are scored for: ``unimodal``, each alone, which must be there; ``fused``,
        both together; ``transfer``, a probe fitted on one modality and scored on the other;
        ``retrieval``, finding one modality's sample by the other's. Statistics, figures and answers
        are made for each.
    seeds
        How many seeds, counted from 0. A seed draws the data (where the split is ours, or the
        distribution known), initialisation and batch order, the same for all strengths: differences
        between strengths are paired by seed, and intervals over seeds belong to every claim. At
        least 2; a verdict needs 3.
    seeds_per_job
        How many seeds are trained in one job, as one stack together with all strengths. Fewer make
        more jobs, for more cores or nodes; more make wider stacks. Raising ``seeds`` in multiples
        of it runs the new blocks alone.
    strengths_per_job
        ``1`` trains every strength in a job of its own, for costly datasets: strengths spread over
        nodes, and one that is added later leaves the others as they are. Initialisation and batch
        order are matched all the same. ``all`` is faster where a job is cheap: the strengths of a
        seed share a stack.
    device
        ``cpu``, ``cuda``, or ``auto``: a GPU when there is one.
    margin
        Differences up to this are of no practical weight, in the unit of the score: half a point of
        accuracy. The verdicts ``no difference`` and ``do not align`` are about it.
    controls
        Whether to train controls where a strength gains: the same models with pairs shuffled, and
        with each side aligned with a noisy copy of itself. They tell alignment from regularisation.
    features
        Whether to look at each dataset before training (``features.csv``) and to predict from it
        what alignment gains.
    search
        ``grid`` trains every strength with every seed; ``adaptive`` finds the optimum with under a
        third of the models, see below.
    data_mirror
        A folder or URL that has the files to download under the same names, such as
        ``mnist/train-images-idx3-ubyte.gz``; ``null``: their official places.
    extensions
        Python files of your own that add datasets, encoders, objectives, probes, metrics or
        figures; see the end of this page.
    """

    study: Annotated[
        str,
        rule(
            pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}\Z",
            allowed="a name of up to 80 letters, digits, '_', '.' and '-', since it names the "
            "folder of the results",
        ),
    ]
    strengths: Annotated[
        Sequence[str],
        rule(
            minItems=2,
            uniqueItems=True,
            contains={"const": "0"},
            items={
                "pattern": r"^(0|[1-9][0-9]{0,5})(\.[0-9]{0,8}[1-9])?\Z",
                "allowed": "a quoted decimal of at least 0 and below a million, in its shortest "
                "form, with up to nine decimals, such as "
                '"0.4" (not 0.4, "0.40" or "4e-1")',
            },
            allowed='a list of at least two different strengths that has "0", the baseline',
        ),
    ]
    datasets: Annotated[
        Mapping[str, Any],
        rule(
            minProperties=1,
            propertyNames={
                "pattern": f"^(?!(all|tables|figures)\\Z){_NAME}",
                "allowed": "a name of up to 80 letters, digits, '_' and '-', since it names "
                'folders, and not "all", "tables" or "figures"',
            },
            additionalProperties={"type": "object", "required": ["kind"]},
            allowed="at least one source of data, by name",
        ),
    ]
    alignments: Annotated[
        Mapping[str, Any],
        rule(
            minProperties=1,
            propertyNames={
                "pattern": f"^{_NAME}",
                "allowed": "a name of up to 80 letters, digits, '_' and '-', since it names "
                "folders",
            },
            additionalProperties={"type": "object"},
            allowed="at least one way to align, by name",
        ),
    ] = field(default_factory=lambda: {"infonce": {}})
    uses: Annotated[
        Sequence[str],
        rule(
            minItems=1,
            uniqueItems=True,
            contains={"const": UNIMODAL},
            items={"enum": list(USES)},
            allowed=f"a list of different uses among {', '.join(USES)}, with {UNIMODAL}",
        ),
    ] = tuple(USES)
    seeds: Annotated[
        int,
        rule(minimum=2, allowed="an integer of at least 2, because intervals over seeds need two"),
    ] = 10
    seeds_per_job: Count = 5
    strengths_per_job: Literal["all", 1] = "all"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    margin: Positive = 0.005
    controls: bool = True
    features: bool = True
    search: Literal["grid", "adaptive"] = "grid"
    data_mirror: Annotated[
        str | None,
        rule(minLength=1, allowed="a folder, or a URL that starts with http:// or https://"),
    ] = None
    extensions: Annotated[
        Sequence[str],
        rule(
            items={"format": "path", "allowed": "a Python file"},
            allowed="a list of Python files",
        ),
    ] = ()
