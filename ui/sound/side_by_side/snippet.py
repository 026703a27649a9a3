"""*Side by side* as Python."""

from __future__ import annotations

from ui.shared.python_code import call, list_of, program
from ui.sound.networks import VOCODERS
from ui.sound.side_by_side.compute import SideBySideSettings
from ui.sound.sound_text import decode_sound


def as_python(settings: SideBySideSettings) -> str:
    """The sound of each run and of Griffin-Lim, and how far they are from the original."""
    runs = [f"({VOCODERS[name]!r}, {call(plan)})" for name, plan in settings.plans().values()]
    return program(
        "import torch",
        """
        import diffusion
        from diffusion.waveform.config import VocoderConfig
        from synth import Sound, griffin_lim, log_mel, log_mel_distance, render
        """,
        f"""
        wave = render({call(decode_sound(settings.sound))}, {settings.duration})
        original = torch.from_numpy(wave)  # (1, samples), 22,050 a second
        """,
        f"runs = {list_of(runs)}",
        f"""
        made = []
        for name, plan in runs:
            *_, last = plan.states(diffusion.load(name), original, [{settings.seed}])  # one noise
            made.append(last.x[:, : wave.shape[1]].numpy())
        made.append(griffin_lim(log_mel(original), wave.shape[1], seed={settings.seed}))
        """,
        """
        distances = [float(log_mel_distance(each, wave)[0]) for each in made]
        for name, distance in zip([*runs, "Griffin-Lim"], distances):
            print(f"{name}: log-mel distance {distance:.2f} nepers")
        """,
    )
