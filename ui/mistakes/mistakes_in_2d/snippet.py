"""*Mistakes in 2D* as Python."""

from __future__ import annotations

from ui.mistakes.mistakes_in_2d.compute import MistakesIn2dSettings
from ui.shared.python_code import program


def as_python(settings: MistakesIn2dSettings) -> str:
    """The wrong and the right run, and what each costs."""
    return program(
        "from diffusion.mistakes.registry import MISTAKES",
        f"""
        mistake = MISTAKES[{settings.mistake!r}]
        wrong, right = mistake.wrong({settings.seed}), mistake.right({settings.seed})
        points = wrong.states[-1], right.states[-1]  # where they end
        costs = {{"wrong": wrong.costs(), "right": right.costs()}}
        """,
        """
        print(mistake.diff())
        for name, cost in costs["wrong"].items():
            print(f"{name}: wrong {cost}, right {costs['right'][name]}")
        """,
    )
