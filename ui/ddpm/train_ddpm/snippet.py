"""*Train DDPM* as Python."""

from __future__ import annotations

from ui.ddpm.train_ddpm.compute import (
    ANTITHETIC,
    DECAYS,
    NUM_INFERENCE_STEPS,
    NUM_POINTS_AT_THE_END,
    SAMPLER,
    TrainDdpmSettings,
)
from ui.shared.python_code import data_code, imports, program


def as_python(settings: TrainDdpmSettings) -> str:
    """The training, its samples, and how far they are from real points."""
    names = ("RealDistance", "ddpm_training", "paced_schedule")
    learned = settings.objective == "variational"
    reverse = "from diffusion.sampling.learned_variance import learned_reverse" if learned else ""
    return program(
        "import torch",
        imports(
            "import diffusion",
            reverse,
            f"from diffusion.training.live_presets import {', '.join(names)}",
        ),
        data_code(settings.data()),
        f"""
        schedule = paced_schedule({settings.num_train_timesteps})
        trainer = ddpm_training(
            {settings.objective!r},
            schedule,
            width={settings.width},
            steps={settings.steps},
            learning_rate={settings.learning_rate},
            seed={settings.seed},
            network={settings.network!r},
            antithetic={settings.timesteps == ANTITHETIC},
            ema_decay={DECAYS[settings.ema]},
            distribution=data,
        )
        for state in trainer:
            if state.step % 100 == 0:
                print(f"step {{state.step}}: loss {{float(state.loss):.3f}}")
        """,
        f"""
        shape = ({NUM_POINTS_AT_THE_END}, 2)
        generator = torch.Generator().manual_seed({settings.seed})
        """,
        _sampling(learned),
        f"""
        ratio = RealDistance({NUM_POINTS_AT_THE_END}, data)(points)
        print(f"SW2 ratio of {{len(points):,}} points: {{ratio:.2f}}")
        """,
    )


def _sampling(learned: bool) -> str:
    if learned:
        return """
        *_, last = learned_reverse(trainer.ema, schedule, shape, generator)
        points = last.x
        """
    return f"""
        points = diffusion.sample(  # with the averaged weights
            trainer.ema,
            schedule,
            shape,
            {SAMPLER!r},
            num_inference_steps={NUM_INFERENCE_STEPS},
            generator=generator,
        )
        """
