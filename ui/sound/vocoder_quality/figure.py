"""Quality of the vocoder against network evaluations: the measured curves."""

from __future__ import annotations

from typing import Any

from diffusion.waveform.vocoder_quality import GRIFFIN_LIM, ORIGINAL, UNTRAINED
from ui.ddpm.sample_quality.figure import STYLES, log_evaluations
from ui.shared.figures import INK, chart, svg
from ui.shared.figures import STYLES as STYLES_OF_LINES
from ui.sound.vocoder_quality.compute import (
    DECIBELS,
    MEASURES,
    VocoderQualitySettings,
    curves,
    highest,
    noise_errors,
    number,
)
from ui.sound.vocoder_tables import row_of
from ui.texts import Texts

TEXTS = Texts("vocoder-quality")


TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 20, 50, 100)


def sound_quality_figure(settings: VocoderQualitySettings) -> str:
    """The chart; HTML with an SVG and its description."""
    key, network = MEASURES[settings.measure], settings.network
    figure, (axes,) = chart(height=3.4)
    said = []
    for label, rows in curves(network).items():
        colour, marker = STYLES[rows[0]["sampler"]]
        default = rows[0]["projection"] == "every step"
        points = [(row["evaluations"], row[key]) for row in rows]
        axes.plot(
            *zip(*points, strict=True),
            color=colour,
            marker=marker,
            linestyle="-" if default else ":",
            markerfacecolor=colour if default else "none",
            label=label,
        )
        said.append(f"{label} " + ", ".join(f"{n}: {number(v, key)}" for n, v in points))
    lines: dict[str, tuple[str, Any]] = {
        TEXTS["chart.griffin_lim"]: (GRIFFIN_LIM, "--"),
        TEXTS["chart.untrained"]: (UNTRAINED, "-."),
    }
    if key == "noise":  # every other distance of an original from itself is 0
        lines[TEXTS["chart.originals"]] = (ORIGINAL, (0, (8, 2)))
    for label, (name, style) in lines.items():
        if row := row_of(network, name):
            axes.axhline(row[key], color=INK, linestyle=style, label=label)
            said.append(f"{label}: {number(row[key], key)}")
    measure = TEXTS.option("measure", settings.measure)
    axes.set(ylabel=measure)
    log_evaluations(axes)
    if key not in DECIBELS:
        axes.set_yscale("log")  # first: the lower end of a linear axis may lie far below
    axes.set_ylim(top=highest(network, key))
    if key not in DECIBELS:
        low, high = axes.get_ylim()
        ticks = [tick for tick in TICKS if low <= tick <= high]
        axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.minorticks_off()
    figure.legend(loc="outside upper center", ncols=2, frameon=False, labelcolor=INK)
    return svg(
        figure,
        TEXTS.say(
            "chart.all",
            measure=measure,
            network=TEXTS.option("network", network),
            curves="; ".join(said),
        ),
    )


def noise_errors_figure() -> str:
    """The error of the noise that each network predicts, by σ; HTML with an SVG."""
    figure, (axes,) = chart(height=3.2)
    said = []
    styles = iter(STYLES_OF_LINES)
    for network, errors in noise_errors().items():
        colour, style = next(styles)
        points = list(errors), list(errors.values())
        axes.plot(*points, style, color=colour, marker="o", label=network)
        said.append(f"{network} " + ", ".join(f"{s:g}: {e:.3g}" for s, e in errors.items()))
    axes.axhline(1, color=INK, linestyle=(0, (8, 2)), label=TEXTS["chart.nothing"])
    axes.set(xscale="log", yscale="log", xlabel=TEXTS["chart.sigma"], ylabel=TEXTS["chart.error"])
    figure.legend(loc="outside upper center", ncols=1, frameon=False, labelcolor=INK)
    return svg(figure, TEXTS.say("chart.errors", said="; ".join(said)))
