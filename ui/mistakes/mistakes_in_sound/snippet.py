"""*Mistakes in sound* as Python."""

from __future__ import annotations

from ui.mistakes.mistakes_in_sound.compute import MistakesInSoundSettings
from ui.shared.python_code import program


def as_python(settings: MistakesInSoundSettings) -> str:
    """The wrong and the right run, and what each costs."""
    return program(
        "from diffusion.waveform.sound_mistakes import SOUND_MISTAKES",
        f"""
        mistake = SOUND_MISTAKES[{settings.mistake!r}]
        wrong, right = mistake.wrong({settings.seed}), mistake.right({settings.seed})
        sounds = wrong.sounds[-1], right.sounds[-1]
        costs = {{"wrong": wrong.costs, "right": right.costs}}
        """,
        """
        print(mistake.diff())
        for name, cost in costs["wrong"].items():
            print(f"{name}: wrong {cost}, right {costs['right'][name]}")
        """,
    )
