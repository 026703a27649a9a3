"""*Reverse* as Python."""

from __future__ import annotations

from ui.ddpm.reverse.compute import ReverseSettings
from ui.shared.python_code import call, data_code, list_of, program


def as_python(settings: ReverseSettings) -> str:
    """The points of each run, and how far they are from real ones."""
    plans = settings.plans().values()
    return program(
        "import torch",
        """
        import diffusion
        from diffusion.evaluation.sample_quality import RealPoints
        from diffusion.sampling.config import SamplingConfig
        """,
        data_code(settings.data()),
        f"plans = {list_of(call(plan) for plan in plans)}",
        f"""
        real = RealPoints({settings.num_points}, distribution=data)
        runs, ratios, off = [], [], []
        for plan in plans:
            generator = torch.Generator().manual_seed({settings.seed})  # the same noise for all
            noise = torch.randn({settings.num_points}, 2, generator=generator)
            *_, last = plan.states(diffusion.load(plan.recipe), noise, generator, data)
            quality = real.quality([last.x])
            runs.append(last.x)
            ratios.append(quality.sw2)
            off.append(quality.off)
            print(f"{{plan.sampler}}, NFE {{plan.evaluations}}: SW2 ratio {{quality.sw2:.2f}}")
            print(f"    {{quality.off:.2%}} more than {{3 * data.width:.2f}} from the data")
        """,
    )
