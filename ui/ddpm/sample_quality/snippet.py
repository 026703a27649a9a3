"""*Sample quality* as Python."""

from __future__ import annotations

from ui.ddpm.sample_quality.compute import SampleQualitySettings
from ui.shared.python_code import call, program


def as_python(settings: SampleQualitySettings) -> str:
    """The quality of the plan that the section measures now."""
    return program(
        """
        import diffusion
        from diffusion.evaluation.sample_quality import RealPoints
        from diffusion.sampling.config import SamplingConfig
        """,
        f"""
        plan = {call(settings.plan())}
        points = plan.sample(diffusion.load(plan.recipe), {settings.num_points}, {settings.seed})
        quality = RealPoints({settings.num_points}).quality([points])
        """,
        """
        print(f"NFE {plan.evaluations}: SW2 ratio {quality.sw2:.2f}, MMD² ratio {quality.mmd2:.2f}")
        print(f"{quality.off:.2%} of the points are off the curve")
        """,
    )
