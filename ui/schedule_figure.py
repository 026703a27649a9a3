"""The schedules side by side, as an SVG that fits light and dark pages."""

from __future__ import annotations

import html
import io
import re

from matplotlib.figure import Figure

from diffusion import NoiseSchedule

# Okabe & Ito's colours that stand out on white and on black, with line styles of their own.
STYLES = (("#0072B2", "-"), ("#D55E00", "--"), ("#009E73", "-."), ("#CC79A7", ":"))
INK = "#808080"


def schedule_figure(schedules: dict[str, NoiseSchedule]) -> str:
    """√ᾱ_t, the share of the signal, for each schedule; HTML with an SVG and its description."""
    figure = Figure(figsize=(4.6, 2.5), layout="constrained")
    axes = figure.add_subplot()
    for (name, schedule), (colour, line) in zip(schedules.items(), STYLES, strict=True):
        times = range(1, len(schedule) + 1)
        axes.plot(
            times, schedule.noise_levels, color=colour, linestyle=line, linewidth=2.5, label=name
        )
    axes.set(xlabel="t", ylabel="√ᾱ_t", ylim=(-0.02, 1.02))
    axes.legend(frameon=False, labelcolor=INK)
    axes.set_facecolor("none")
    axes.tick_params(colors=INK)
    axes.xaxis.label.set_color(INK)
    axes.yaxis.label.set_color(INK)
    for name, spine in axes.spines.items():
        spine.set_visible(name in ("left", "bottom"))
        spine.set_color(INK)
    ends = ", ".join(f"{name} ends at {s.noise_levels[-1]:.3f}" for name, s in schedules.items())
    return _svg(figure, f"Signal left over time, √ᾱ_t, by schedule: {ends}")


def _svg(figure: Figure, description: str) -> str:
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", transparent=True)
    drawing = buffer.getvalue()
    drawing = drawing[drawing.index("<svg") :]
    drawing = re.sub(
        r'width="[^"]+pt" height="[^"]+pt"', 'style="width:100%;height:auto"', drawing, count=1
    )
    return f'<div role="img" aria-label="{html.escape(description)}">{drawing}</div>'
