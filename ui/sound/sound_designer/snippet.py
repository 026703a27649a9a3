"""*Sound designer* as Python."""

from __future__ import annotations

from ui.shared.python_code import call, program
from ui.sound.sound_designer.compute import SoundDesignerSettings
from ui.sound.sound_views import SAMPLE_RATE


def as_python(settings: SoundDesignerSettings) -> str:
    """The sound, its partials, and by how much the two renderers differ."""
    return program(
        """
        import numpy as np
        from synth import Sound, render
        from synth.rendering.partials import partial_decibels
        """,
        f"""
        sound = {call(settings.sound())}
        waves = {{
            renderer: render(sound, {settings.duration}, {SAMPLE_RATE}, renderer)
            for renderer in ("vectorized", "pyo")
        }}
        wave = waves[{settings.renderer!r}][0]  # {SAMPLE_RATE} samples a second
        difference = float(np.abs(waves["pyo"] - waves["vectorized"]).max())
        """,
        f"""
        partials = partial_decibels(sound, {SAMPLE_RATE})
        loudest = partials.frequencies[np.argmax(partials.after)]
        print(f"{{len(partials.frequencies)}} partials")
        print(f"loudest partial after the filter: {{loudest:,.1f}} Hz")
        print(f"largest difference of the renderers: {{difference:.0e}} of the peak")
        """,
    )
