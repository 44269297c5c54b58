"""The explorer of a study's page: score, alignment and pairs in a plane, moved by one slider.

Charts are Vega-Lite, made with Altair; all of JavaScript is inlined, so that the page needs no
network. Which rows a chart shows is chosen in ``explorer.js``: what is chosen is chosen for all.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd
import vl_convert

from alignsweep.figures.panels import over_seeds
from alignsweep.metrics import METRICS
from alignsweep.metrics.plane import QUARTERS
from alignsweep.scores import SCORES, USES, headline, together

#: Pairs of all planes together; of a larger study, fewer samples of each are shown.
MOST_PAIRS = 60_000
#: Places are whole numbers of this part.
PART = 1000
HEIGHT = 260


def write(known: Mapping[str, pd.DataFrame], planes: Iterable[pd.DataFrame], path: str) -> None:
    """Write the explorer as a part of a page: it begins with ``<section`` and links to nothing.

    Parameters
    ----------
    known
        The study's tables ``gains`` and ``alignment``.
    planes
        Of each dataset, as `plane.lay_out` makes them.
    path
        HTML.
    """
    shown = contents(known["gains"], known["alignment"], planes)
    specs = {name: chart.to_dict() for name, chart in charts(shown["strengths"]).items()}
    library = vl_convert.javascript_bundle(snippet="window.vegaEmbed = vegaEmbed;")
    own = files("alignsweep.answers")
    Path(path).write_text(
        "\n".join(
            [
                own.joinpath("explorer.html").read_text(encoding="utf-8"),
                _inert("explorer-data", shown),
                _inert("explorer-charts", specs),
                f"<script>{library}</script>",
                f"<script>{own.joinpath('explorer.js').read_text(encoding='utf-8')}</script>\n",
            ]
        ),
        encoding="utf-8",
    )


def contents(
    gains: pd.DataFrame, alignment: pd.DataFrame, planes: Iterable[pd.DataFrame]
) -> dict[str, Any]:
    """Return what the explorer shows.

    Returns
    -------
    dict
        ``strengths`` in order; ``uses`` and ``metrics``, name -> label; ``scores``, rows ``dataset,
        alignment, use, modality, strength, score, gain, low, high, unit`` of headline scores, gains
        in ``unit``; ``alignment``, rows ``dataset, alignment, metric, strength, value, low, high``;
        ``planes``, dataset -> ``modalities, groups`` and alignment -> strength -> ``shown, places``
        (of all pairs x and y by the first modality, then by the second, in thousandths).
    """
    strengths = sorted(gains["strength"].unique(), key=float)
    found = list(planes)
    cells = sum(len(p.groupby(["alignment", "strength"])) for p in found)
    most = max(10, MOST_PAIRS // max(1, cells))
    metrics = [str(m) for m in alignment["metric"].unique()]
    return {
        "strengths": strengths,
        "uses": {use: said for use, said in USES.items() if not headline(gains, use).empty},
        "metrics": {m: METRICS[m].label if m in METRICS else m for m in metrics},
        "scores": [row for use in USES for row in _scores(headline(gains, use), use)],
        "alignment": _alignment(alignment),
        "planes": {str(p["dataset"].iloc[0]): _plane(p, most) for p in found if len(p)},
    }


def _scores(rows: pd.DataFrame, use: str) -> list[dict[str, Any]]:
    """Return rows of single modalities, with what is counted in points."""
    means = {
        together(use, tuple(own["modality"].unique()[:2])) for _, own in rows.groupby("dataset")
    }
    out = []
    for row in rows[~rows["modality"].isin(means)].to_dict("records"):
        score = SCORES[row["metric"]]
        factor = 100 if score.counted else 1
        change = {k: row[c] for k, c in
                  (("gain", "gain"), ("low", "gain_low"), ("high", "gain_high"))}  # fmt: skip
        out.append(
            {k: row[k] for k in ("dataset", "alignment", "modality", "strength")}
            | {"use": use, "score": _round(factor * row["score"])}
            | {k: _round(factor * v) for k, v in change.items()}
            | {"unit": f"points of {score.thing}" if score.counted else score.thing}
        )  # fmt: skip
    return out


def _alignment(table: pd.DataFrame) -> list[dict[str, Any]]:
    keys = ["dataset", "alignment", "metric"]
    out = []
    for key, own in table.groupby(keys, sort=False):
        names = dict(zip(own["strength"].astype(float), own["strength"], strict=True))
        for strength, row in over_seeds(own).iterrows():
            ends = {"value": row["mean"], "low": row["low"], "high": row["high"]}
            out.append(
                dict(zip(keys, key, strict=True))
                | {"strength": names[strength]}
                | {k: _round(v, 4) for k, v in ends.items()}
            )
    return out


def _plane(table: pd.DataFrame, most: int) -> dict[str, Any]:
    first = table.iloc[0]
    kept = table["sample"].drop_duplicates().iloc[:most]
    table = table[table["sample"].isin(kept)].sort_values("group", key=_in_order, kind="stable")
    groups = table.drop_duplicates("sample")["group"]
    places: dict[str, dict[str, Any]] = {}
    for (alignment, strength), own in table.groupby(["alignment", "strength"], sort=False):
        at = (own[["x_a", "y_a", "x_b", "y_b"]] * PART).round().astype(int)
        places.setdefault(str(alignment), {})[str(strength)] = {
            "shown": _round(own["shown"].iloc[0]),
            "places": at.to_numpy().ravel().tolist(),
        }
    return {
        "modalities": [first["modality_a"], first["modality_b"]],
        "groups": [str(g) for g in groups],
        "alignments": places,
    }


def _in_order(groups: pd.Series) -> pd.Series:
    """Return what groups are sorted by: classes as numbers, quarters from the lowest."""
    quarters = {name: i for i, name in enumerate(QUARTERS)}
    return groups.map(lambda group: quarters.get(group, group)).astype(float)


def charts(strengths: list[str]) -> dict[str, alt.LayerChart]:
    """Return the charts, whose rows and signals are set from outside.

    Data ``rows`` are those of `contents` of one dataset, use and metric; ``marker`` has the chosen
    strength. Signals ``chosen`` (strength), ``way`` and ``side`` (an alignment and a modality that
    stand out, or empty), ``least, most`` (the ends of the axis of gains) and ``reach`` (of the
    plane).
    """
    return {
        "curve": _curve(strengths),
        "tradeoff": _tradeoff(),
        "alignment": _achieved(strengths),
        "plane": _pairs(),
    }


def _param(**values: Any) -> list[alt.Parameter]:
    return [alt.param(name=name, value=value) for name, value in values.items()]


_OURS = "(way === '' || datum.alignment === way)"
_STANDS_OUT = f"{_OURS} && (side === '' || datum.modality === side)"


def _opacity(test: str, full: float = 1.0, pale: float = 0.15) -> Any:
    return alt.condition(test, alt.value(full), alt.value(pale))


_SIZE = alt.condition("datum.strength === chosen", alt.value(130), alt.value(28))
_DASH = alt.StrokeDash("alignment:N", title="alignment", legend=alt.Legend(symbolStrokeWidth=2))
_COLOUR = alt.Color("modality:N", title="modality", sort=None)


def _strength(strengths: list[str]) -> alt.X:
    axis = alt.Axis(title="alignment strength", labelAngle=0, grid=False, labelOverlap=True)
    return alt.X("strength:O", scale=alt.Scale(domain=strengths), axis=axis)


def _gain(end: str = "gain") -> alt.Y:
    return alt.Y(f"{end}:Q", title="gain over strength 0", scale=_between("least", "most"))


def _between(least: str, most: str) -> alt.Scale:
    """Return a scale whose ends are expressions, whatever the data; there may be none."""
    return alt.Scale(domain=[alt.ExprRef(least), alt.ExprRef(most)], nice=False, zero=False)


def _marker(strengths: list[str]) -> alt.Chart:
    """Return the line at the chosen strength."""
    return (
        alt.Chart(alt.NamedData("marker"), name="marker")
        .mark_rule(strokeWidth=8, opacity=0.18)
        .encode(x=_strength(strengths))
    )


def _zero() -> alt.Chart:
    return alt.Chart().mark_rule(strokeDash=[2, 3], opacity=0.6).encode(y=alt.datum(0))


def _said(*more: str) -> list[alt.Tooltip]:
    names = [alt.Tooltip(f"{n}:N") for n in ("alignment", "strength", "modality")]
    numbers = [alt.Tooltip(f"{n}:Q", format="+.2f") for n in ("gain", "low", "high")]
    rest = [alt.Tooltip(f"{n}:Q", format=".2f") for n in ("score", *more)]
    return [*names, *numbers, *rest, alt.Tooltip("unit:N")]


def _layered(*layers: alt.Chart, data: str = "rows", height: int = HEIGHT, **params: Any) -> Any:
    return (
        alt.layer(*layers, data=alt.NamedData(data))
        .add_params(*_param(chosen="", way="", side="", **params))
        .properties(width="container", height=height)
    )


def _curve(strengths: list[str]) -> Any:
    x = _strength(strengths)
    base = alt.Chart().encode(x=x, color=_COLOUR)
    band = base.mark_area().encode(
        y=_gain("low"), y2="high:Q", detail="alignment:N", opacity=_opacity(_STANDS_OUT, 0.15, 0.03)
    )
    line = base.mark_line().encode(y=_gain(), strokeDash=_DASH, opacity=_opacity(_STANDS_OUT))
    point = base.mark_point(filled=True).encode(
        y=_gain(), size=_SIZE, opacity=_opacity(_STANDS_OUT), tooltip=_said()
    )
    return _layered(_marker(strengths), _zero(), band, line, point, least=-2, most=2)


def _tradeoff() -> Any:
    axis = alt.Axis(title="alignment achieved", tickCount=6, labelOverlap=True)
    x = alt.X("value:Q", scale=alt.Scale(zero=False), axis=axis)
    base = alt.Chart().encode(x=x, y=_gain(), color=_COLOUR)
    line = base.mark_line().encode(
        strokeDash=_DASH, order="order:Q", opacity=_opacity(_STANDS_OUT, 0.7)
    )
    bar = (
        alt.Chart()
        .mark_rule()
        .encode(
            x=x,
            y=_gain("low"),
            y2="high:Q",
            color=_COLOUR,
            opacity=_opacity(_STANDS_OUT, 0.35, 0.05),
        )
    )
    point = base.mark_point(filled=True).encode(
        size=_SIZE, opacity=_opacity(_STANDS_OUT), tooltip=_said("value")
    )
    return _layered(_zero(), bar, line, point, least=-2, most=2)


def _achieved(strengths: list[str]) -> Any:
    y = alt.Y("value:Q", title="alignment achieved", scale=alt.Scale(zero=False))
    base = alt.Chart().encode(x=_strength(strengths))
    band = base.mark_area().encode(
        y=alt.Y("low:Q", title="alignment achieved"), y2="high:Q", detail="alignment:N",
        opacity=_opacity(_OURS, 0.15, 0.03),
    )  # fmt: skip
    line = base.mark_line().encode(y=y, strokeDash=_DASH, opacity=_opacity(_OURS))
    said = [alt.Tooltip(f"{n}:N") for n in ("alignment", "strength")]
    said += [alt.Tooltip(f"{n}:Q", format=".3f") for n in ("value", "low", "high")]
    point = base.mark_point(filled=True).encode(
        y=y, size=_SIZE, opacity=_opacity(_OURS), tooltip=said
    )
    return _layered(_marker(strengths), band, line, point)


def _pairs() -> Any:
    """Return the plane: each pair two marks of its class's colour, joined by a line."""

    def place(axis: str, side: str) -> Any:
        # as many thousandths to the pixel across as up: distances mean the same both ways
        end = "reach * width / height" if axis == "x" else "reach"
        channel = alt.X if axis == "x" else alt.Y
        return channel(f"{axis}_{side}:Q", scale=_between(f"-{end}", end), axis=None)

    colour = alt.Color("group:N", title="label", sort=None, legend=alt.Legend(columns=5))
    said = [alt.Tooltip("group:N", title="label"), alt.Tooltip("distance:Q", format=".2f")]
    join = (
        alt.Chart()
        .mark_rule(opacity=0.25)
        .encode(x=place("x", "a"), y=place("y", "a"), x2="x_b:Q", y2="y_b:Q", color=colour)
    )
    layers = [
        alt.Chart(name=f"side-{side}").mark_point(shape=shape, filled=True, size=42, opacity=0.85)
        .encode(x=place("x", side), y=place("y", side), color=colour, tooltip=said)
        for side, shape in (("a", "circle"), ("b", "triangle-up"))
    ]  # fmt: skip
    return _layered(join, *layers, data="pairs", height=int(1.2 * HEIGHT), reach=1.2)


def _inert(name: str, value: object) -> str:
    """Write a value into a page where a script finds it; a ``<`` in it could end that script."""
    text = json.dumps(value, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
    return f'<script type="application/json" id="{name}">{text}</script>'


def _round(value: float, digits: int = 3) -> float | None:
    return None if pd.isna(value) else round(float(value), digits)
