"""*From nothing* as Python."""

from __future__ import annotations

from ui.shared.python_code import program
from ui.sound.from_nothing.compute import FIRST, FITTED_SAMPLES, NETWORKS, FromNothingSettings
from ui.sound.sound_views import SAMPLE_RATE


def as_python(settings: FromNothingSettings) -> str:
    """The sound, and what is left of it without the nearest sound of the training family."""
    first, steps = settings.network == FIRST, settings.num_inference_steps
    eta = f"\n            eta={settings.eta}," if settings.sampler == "ddim" else ""
    constrain = "\n            constrain=lambda x_0: x_0.clamp(-1, 1)," if first else ""
    return program(
        "import torch",
        """
        import diffusion
        from synth import nearest_member
        """,
        f"""
        model = diffusion.load({NETWORKS[settings.network]!r})
        wave = diffusion.sample(
            model.network,
            model.{"schedule" if first else f"inference_schedule({steps})"},
            (1, model.block_size),
            {settings.sampler!r},
            num_inference_steps={steps},{eta}{constrain}
            generator=torch.Generator().manual_seed({settings.seed}),
        ).numpy()
        """,
        _nearest(first),
        f"""
        residuals, sounds = nearest_member(heard, {SAMPLE_RATE}, {_series(first)!r})
        residual = float(residuals[0])
        print(f"nearest sound of the training family: {{sounds[0]}}")
        print(f"residual after fitting that sound: {{residual:.3f}} of the amplitude")
        """,
    )


def _series(first: bool) -> str:
    return "notebook" if first else "harmonic"


def _nearest(first: bool) -> str:
    if first:
        return "heard = wave"
    return f"""
        middle = (wave.shape[1] - {FITTED_SAMPLES}) // 2
        heard = wave[:, middle : middle + {FITTED_SAMPLES}]
        """
