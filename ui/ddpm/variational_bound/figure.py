"""The terms of the bound over t."""

from __future__ import annotations

from diffusion.evaluation.variational_bound import Bound
from ui.shared.figures import INK, STYLES, chart, svg
from ui.texts import Texts

TEXTS = Texts("variational-bound")


def bound_figure(bounds: dict[str, Bound]) -> str:
    """L_{t-1} of each reverse process, and the gap of each to the last of them.

    The gap is summed from t = T down, as the samples go.

    Args:
        bounds: by name, the exact reverse process last.
    """
    *_, least = bounds.values()
    figure, (terms, excess) = chart(2, height=2.1)
    for (name, found), (colour, line) in zip(bounds.items(), STYLES, strict=True):
        times = range(2, len(found.terms) + 1)
        terms.plot(times, found.terms[1:], color=colour, ls=line, lw=2, label=name)
        if found is not least:
            lost = found.excess.flip(0).cumsum(0).flip(0)
            excess.plot(range(1, len(lost) + 1), lost, color=colour, ls=line, lw=2)
    terms.set_yscale("log")
    terms.set_ylabel(TEXTS["chart.terms"])
    excess.set_ylabel(TEXTS["chart.gap"])
    excess.set_xlabel("t")
    excess.axhline(0, color=INK, lw=0.8)
    terms.legend(frameon=False, labelcolor=INK)
    totals = ", ".join(f"{name} {found.total:.3f}" for name, found in bounds.items())
    return svg(
        figure,
        TEXTS.say("chart.all", totals=totals),
    )
