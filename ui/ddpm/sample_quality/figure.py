"""Quality against network evaluations: the measured curves, and the point that was measured now."""

from __future__ import annotations

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from ui.ddpm.sample_quality.compute import (
    MEASURES,
    Row,
    SampleQualitySettings,
    band_of,
    measured,
    quality_result,
    too_concentrated,
)
from ui.shared.figures import INK, chart, svg
from ui.texts import Texts

TEXTS = Texts("sample-quality")


# Okabe & Ito's colours with a marker each; the line says who predicts.
STYLES = {
    "ddpm": ("#0072B2", "o"),
    "ddim": ("#D55E00", "s"),
    "heun": ("#CC79A7", "D"),
    "dpm++2m": ("#009E73", "^"),
    "langevin": ("#E69F00", "v"),
}


def quality_figure(settings: SampleQualitySettings) -> str:
    """The chart; HTML with an SVG and its description."""
    key, measure = MEASURES[settings.measure], TEXTS.option("measure", settings.measure)
    figure, (axes,) = chart(height=3.4)
    axes.axhspan(*measured()["real"][key], color=INK, alpha=0.3, linewidth=0)
    said = [_draw_curve(axes, *curve, key) for curve in _curves(settings.curves).items()]
    mine = settings.plan().evaluations, getattr(quality_result(settings), key)
    axes.plot(*mine, color=INK, marker="*", markersize=14, linestyle="none")
    axes.set(ylabel=measure)
    concentrated = key == "off" and too_concentrated(mine[1], band_of(settings.num_points))
    star = TEXTS["chart.now_concentrated"] if concentrated else TEXTS["chart.now"]
    log_evaluations(axes)
    if key == "off":
        axes.set_yscale("symlog", linthresh=1e-3)  # it may be zero
        axes.set_ylim(bottom=0)
        below = TEXTS["chart.below"]
        axes.text(0.02, 0.03, below, transform=axes.transAxes, color=INK, fontsize="small")
    else:
        axes.set_yscale("log")
        axes.set_yticks((1, 2, 5, 10, 20, 50, 100), ("1", "2", "5", "10", "20", "50", "100"))
        axes.set_ylim(0.8)
    figure.legend(
        handles=_legend(star), loc="outside upper center", ncols=3, frameon=False, labelcolor=INK
    )
    low, high = measured()["real"][key]
    description = TEXTS.say("chart.title", measure=measure, grid=settings.curves)
    real = TEXTS.say("chart.real", low=low, high=high)
    return svg(
        figure,
        TEXTS.say(
            "chart.all",
            title=description,
            curves="; ".join(said),
            real=real,
            name=mine[0],
            value=mine[1],
        ),
    )


def _draw_curve(axes: Axes, run: tuple[str, str], rows: list[Row], key: str) -> str:
    """One sampler with one predictor, each point with the range of its seeds; says its values."""
    sampler, predictor = run
    colour, marker = STYLES[sampler]
    network = predictor == "network"
    evaluations = [row["evaluations"] for row in rows]
    values = [row[key] for row in rows]
    axes.plot(
        evaluations,
        values,
        color=colour,
        marker=marker,
        markersize=6 if network else 5,
        markerfacecolor=colour if network else "none",
        linestyle="-" if network else ":",
        linewidth=2 if network else 1.5,
    )
    of_seeds = [row["seeds"][key] for row in rows]
    ends = [min(each) for each in of_seeds], [max(each) for each in of_seeds]
    axes.vlines(evaluations, *ends, colors=colour, linewidth=1.2)
    return f"{sampler} {TEXTS.option('predictor', predictor)} " + ", ".join(
        f"{n}: {value:.3g}" + _fault(value, key)
        for n, value in zip(evaluations, values, strict=True)
    )


def _fault(value: float, key: str) -> str:
    concentrated = key == "off" and too_concentrated(value, measured()["real"])
    return f" ({TEXTS['too_concentrated']})" if concentrated else ""


def log_evaluations(axes: Axes) -> None:
    """Label the x axis, 5 to 100 evaluations."""
    axes.set(xscale="log", xlabel=TEXTS["chart.axis"])
    axes.set_xticks((5, 10, 20, 50, 100), ("5", "10", "20", "50", "100"))
    axes.minorticks_off()


def _curves(grid: str) -> dict[tuple[str, str], list[Row]]:
    """The rows of each sampler and predictor on a grid."""
    curves: dict[tuple[str, str], list[Row]] = {}
    for row in measured()["rows"]:
        if row["grid"] == grid:
            curves.setdefault((row["sampler"], row["predictor"]), []).append(row)
    return curves


def _legend(star: str) -> list[Artist]:
    samplers = [
        Line2D([], [], color=colour, marker=marker, linestyle="none", label=sampler)
        for sampler, (colour, marker) in STYLES.items()
    ]
    lines = [
        Line2D([], [], color=INK, linestyle="-", label=TEXTS.option("predictor", "network")),
        Line2D([], [], color=INK, linestyle=":", label=TEXTS.option("predictor", "oracle")),
    ]
    now = Line2D([], [], color=INK, marker="*", markersize=10, linestyle="none", label=star)
    real = Patch(color=INK, alpha=0.3, linewidth=0, label=TEXTS["chart.real_points"])
    return [*samplers, *lines, now, real]
