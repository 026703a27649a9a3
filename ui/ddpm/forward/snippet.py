"""*Forward* as Python."""

from __future__ import annotations

from typing import get_args

from diffusion.process.named_schedules import BetaSchedule
from ui.ddpm.forward.compute import (
    MAX_STEPS,
    NOISE_ALPHA_CUMPROD,
    NUM_POINTS,
    NUM_REAL_SETS,
    REAL_SEED,
    ForwardSettings,
)
from ui.shared.python_code import data_code, program


def as_python(settings: ForwardSettings) -> str:
    """The last x_t of each schedule, where it ends, and what comes back from there."""
    return program(
        "import torch",
        """
        import diffusion
        from diffusion.evaluation.metrics import SlicedWassersteinRatio
        from diffusion.evaluation.variational_bound import terminal_kl
        """,
        data_code(settings.data()),
        f"""
        generator = torch.Generator().manual_seed({settings.seed})
        x_0 = data.sample({NUM_POINTS}, generator)
        noise = torch.randn(x_0.shape, generator=generator)
        generator = torch.Generator().manual_seed({REAL_SEED})
        real = [data.sample({NUM_POINTS}, generator) for _ in range({NUM_REAL_SETS})]
        ratio = SlicedWassersteinRatio(real)
        """,
        f"""
        x_T, ends = {{}}, {{}}
        for name in {get_args(BetaSchedule)}:
            schedule = diffusion.NoiseSchedule.from_name(name, *{_range(settings)})
            last = schedule.alphas_cumprod[-1]
            x_T[name] = diffusion.add_noise(x_0, noise, last.expand(len(x_0)))
            kl = max(terminal_kl(data.log_prob, schedule), 0.0)

            # Back by DDPM with the exact predictor, from where x_t is noise.
            signal = int((schedule.alphas_cumprod >= {NOISE_ALPHA_CUMPROD}).sum())
            until_noise = diffusion.NoiseSchedule(schedule.betas[: signal + 1])
            generator = torch.Generator().manual_seed({settings.seed})
            back = diffusion.sample(
                diffusion.distributions.Oracle(data),
                until_noise,
                ({NUM_POINTS}, 2),
                num_inference_steps=min(len(until_noise), {MAX_STEPS}),
                generator=generator,
                initial=torch.randn({NUM_POINTS}, 2, generator=generator),
            )
            ends[name] = (float(last), kl, ratio(back))
            print(f"{{name}}: alpha_cumprod {{float(last):.2g}} and KL {{kl:.2g}} nats at T,")
            print(f"    SW2 ratio {{ends[name][2]:.2f}} of the points that come back")
        """,
    )


def _range(settings: ForwardSettings) -> tuple[int, float, float]:
    """T and the two ends of β."""
    return settings.num_train_timesteps, settings.beta_start, settings.beta_end
