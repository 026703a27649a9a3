"""The schedules side by side."""

from __future__ import annotations

from diffusion import NoiseSchedule
from ui.figures import INK, STYLES, chart, svg


def schedule_figure(schedules: dict[str, NoiseSchedule]) -> str:
    """√ᾱ_t, the share of the signal, for each schedule; HTML with an SVG and its description."""
    figure, (axes,) = chart()
    for (name, schedule), (colour, line) in zip(schedules.items(), STYLES, strict=True):
        times = range(1, len(schedule) + 1)
        axes.plot(
            times, schedule.noise_levels, color=colour, linestyle=line, linewidth=2.5, label=name
        )
    axes.set(xlabel="t", ylabel="√ᾱ_t", ylim=(-0.02, 1.02))
    axes.legend(frameon=False, labelcolor=INK)
    ends = ", ".join(f"{name} ends at {s.noise_levels[-1]:.3f}" for name, s in schedules.items())
    return svg(figure, f"Signal left over time, √ᾱ_t, by schedule: {ends}")
