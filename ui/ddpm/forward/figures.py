"""The schedules side by side: their pace, and where they end."""

from __future__ import annotations

import math

import torch
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from torch import Tensor

from diffusion import NoiseSchedule
from diffusion.data.distributions import Distribution
from ui.shared.figures import INK, STYLES, chart, svg
from ui.texts import Texts

TEXTS = Texts("forward")


REACH = 2.8
CELLS = 64


def schedule_figure(schedules: dict[str, NoiseSchedule]) -> str:
    """β_t, ᾱ_t and the log-SNR of each schedule; HTML with an SVG and its description."""
    figure, panels = chart(3, height=1.5)
    for (name, schedule), (colour, line) in zip(schedules.items(), STYLES, strict=True):
        times = range(1, len(schedule) + 1)
        curves = (schedule.betas, schedule.alphas_cumprod, schedule.snr.log())
        for axes, curve in zip(panels, curves, strict=True):
            axes.plot(times, curve, color=colour, ls=line, lw=2, label=name)
    for axes, label in zip(panels, (r"$\beta_t$", r"$\bar\alpha_t$", "ln SNR"), strict=True):
        axes.set_ylabel(label)
    panels[0].set_yscale("log")
    panels[-1].set_xlabel("t")
    panels[-1].axhline(0, color=INK, lw=0.8)  # as much signal as noise
    figure.legend(
        handles=panels[0].get_lines(),
        loc="outside upper center",
        ncols=2,
        frameon=False,
        labelcolor=INK,
    )
    ends = ", ".join(
        TEXTS.say(
            "schedule_end",
            name=name,
            alpha_cumprod=float(schedule.alphas_cumprod[-1]),
            log_snr=math.log(schedule.terminal_snr),
        )
        for name, schedule in schedules.items()
    )
    return svg(figure, TEXTS.say("schedule_chart", ends=ends))


def ends_figure(schedules: dict[str, NoiseSchedule], data: Distribution) -> str:
    """The exact density q(x_T) of each schedule; circles contain 50 and 90 % of N(0, I)."""
    figure = Figure(figsize=(4.6, 4.8), layout="constrained")
    panels = figure.subplots(2, 2).ravel()
    for axes, (name, schedule), (colour, _) in zip(panels, schedules.items(), STYLES, strict=True):
        fading = LinearSegmentedColormap.from_list(name, [colour + "00", colour])
        density = _density(data, float(schedule.alphas_cumprod[-1])).numpy()
        axes.imshow(density, origin="lower", extent=(-REACH, REACH) * 2, cmap=fading)
        for fraction in (0.5, 0.9):  # |x|² / 2 is exponential
            radius = math.sqrt(-2 * math.log(1 - fraction))
            axes.add_patch(Circle((0, 0), radius, fill=False, color=INK, ls="--"))
        axes.set_title(name, color=INK, fontsize="medium")
        axes.axis("off")
    left = ", ".join(f"{n} ᾱ = {float(s.alphas_cumprod[-1]):.3g}" for n, s in schedules.items())
    return svg(figure, TEXTS.say("ends_chart", left=left))


def _density(data: Distribution, alpha_cumprod: float) -> Tensor:
    """q(x_T) on a grid, (rows, columns), rows from the lowest y."""
    axis = torch.linspace(-REACH, REACH, CELLS, dtype=torch.float64)
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    points = torch.stack([x, y], dim=-1)
    return data.log_prob(points, alpha_cumprod, 1 - alpha_cumprod).exp()
