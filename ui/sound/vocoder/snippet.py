"""*Vocoder* as Python."""

from __future__ import annotations

from ui.shared.python_code import call, program
from ui.sound.networks import VOCODERS
from ui.sound.sound_text import decode_sound
from ui.sound.vocoder.compute import VocoderSettings


def as_python(settings: VocoderSettings) -> str:
    """The sound that is made again from its mel, and how far it is from the original."""
    return program(
        "import torch",
        """
        import diffusion
        from diffusion.waveform.config import VocoderConfig
        from synth import Sound, detuning, log_mel_distance, render, spectral_convergence
        """,
        f"""
        sound = {call(decode_sound(settings.sound))}
        wave = render(sound, {settings.duration})  # float32 (1, samples), 22,050 a second
        plan = {call(settings.plan())}
        model = diffusion.load({VOCODERS[settings.network]!r})
        states = plan.states(model, torch.from_numpy(wave), [{settings.seed}], {settings.sigma()})
        *_, last = states
        made = last.x[:, : wave.shape[1]].numpy()
        """,
        """
        partials = [sound.sines(22_050)[0]]
        (log_mel,) = log_mel_distance(made, wave)
        (convergence,) = spectral_convergence(made, wave)
        (cents,) = detuning(made, partials) - detuning(wave, partials)
        print(f"log-mel distance: {log_mel:.2f} nepers")
        print(f"spectral convergence: {convergence:.2f}")
        print(f"pitch error: {cents:+.1f} cents")
        """,
    )
