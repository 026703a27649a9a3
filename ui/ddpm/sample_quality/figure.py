"""Quality against network evaluations: the measured curves, and the point that was measured now."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from ui.ddpm.sample_quality.compute import (
    MEASURES,
    REAL,
    SampleQualitySettings,
    measured,
    quality_result,
)
from ui.shared.figures import INK, chart, svg

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
    key = MEASURES[settings.measure]
    figure, (axes,) = chart(height=3.4)
    said = []
    for (sampler, predictor), points in _curves(settings.curves, key).items():
        colour, marker = STYLES[sampler]
        network = predictor == "network"
        axes.plot(
            *zip(*points, strict=True),
            color=colour,
            marker=marker,
            markersize=6 if network else 5,
            markerfacecolor=colour if network else "none",
            linestyle="-" if network else ":",
            linewidth=2 if network else 1.5,
        )
        said.append(f"{sampler} {predictor} " + ", ".join(f"{n}: {v:.3g}" for n, v in points))
    mine = settings.plan().evaluations, getattr(quality_result(settings), key)
    axes.plot(*mine, color=INK, marker="*", markersize=14, linestyle="none")
    axes.axhline(REAL[key], color=INK, linewidth=1)
    axes.set(ylabel=settings.measure)
    log_evaluations(axes)
    if key == "off":
        axes.set_yscale("symlog", linthresh=1e-3)  # it may be zero
        axes.set_ylim(bottom=0)
    else:
        axes.set_yscale("log")
        axes.set_yticks((1, 2, 5, 10, 20, 50, 100), ("1", "2", "5", "10", "20", "50", "100"))
        axes.set_ylim(0.8)
    figure.legend(
        handles=_legend(), loc="outside upper center", ncols=3, frameon=False, labelcolor=INK
    )
    description = f"{settings.measure} against NFE, grid {settings.curves}"
    return svg(figure, f"{description}. {'; '.join(said)}. Measured now {mine[0]}: {mine[1]:.3g}")


def log_evaluations(axes: Axes) -> None:
    """Label the x axis, 5 to 100 evaluations."""
    axes.set(xscale="log", xlabel="number of network evaluations, NFE")
    axes.set_xticks((5, 10, 20, 50, 100), ("5", "10", "20", "50", "100"))
    axes.minorticks_off()


def _curves(grid: str, key: str) -> dict[tuple[str, str], list[tuple[int, float]]]:
    """(evaluations, quality) of each sampler and predictor on a grid."""
    curves: dict[tuple[str, str], list[tuple[int, float]]] = {}
    for row in measured()["rows"]:
        if row["grid"] == grid:
            points = curves.setdefault((row["sampler"], row["predictor"]), [])
            points.append((row["evaluations"], row[key]))
    return curves


def _legend() -> list[Line2D]:
    samplers = [
        Line2D([], [], color=colour, marker=marker, linestyle="none", label=sampler)
        for sampler, (colour, marker) in STYLES.items()
    ]
    lines = [
        Line2D([], [], color=INK, linestyle="-", label="network"),
        Line2D([], [], color=INK, linestyle=":", label="oracle"),
    ]
    now = Line2D([], [], color=INK, marker="*", markersize=10, linestyle="none", label="now")
    return [*samplers, *lines, now]
