"""*Variational bound* as Python."""

from __future__ import annotations

from ui.ddpm.variational_bound.compute import DISCRETISED, VariationalBoundSettings
from ui.shared.python_code import program


def as_python(settings: VariationalBoundSettings) -> str:
    """The bound of each reverse process, and what it bounds."""
    cells = settings.decoder == DISCRETISED
    exact = "negative_log_cell_probability" if cells else "negative_log_likelihood"
    variances = {"fixed_small": "posterior_variance_clipped", "fixed_large": "betas"}
    return program(
        "import torch",
        f"""
        import diffusion
        from diffusion import swiss_roll
        from diffusion.evaluation.exact_probabilities import {exact}
        from diffusion.evaluation.variational_bound import FixedVariance, bounds, exact_bound
        """,
        f"""
        variational = diffusion.load("swiss-roll-variational")
        simple = diffusion.load("swiss-roll-ddpm")
        schedule = simple.schedule
        variances = schedule.{variances[settings.variance_type]}
        processes = {{
            "learned": variational.network,
            "simple": FixedVariance(simple.network, schedule, variances),
            "exact score": FixedVariance(swiss_roll.Oracle(), schedule, variances),
        }}
        """,
        """
        def generator(seed):
            return torch.Generator().manual_seed(seed)
        """,
        f"""
        x_0 = swiss_roll.sample({settings.num_points}, generator({settings.seed}))
        options = (swiss_roll.log_prob, x_0, schedule)
        found = bounds(processes, *options, generator({settings.seed + 1}), {cells})
        found["least"] = exact_bound(*options, generator({settings.seed + 1}), {cells})
        exact = {exact}(swiss_roll.log_prob, x_0)
        for name, bound in found.items():
            print(f"{{name}}: {{bound.total:.3f}} bits per dimension")
        print(f"what they bound: {{exact:.3f}} bits per dimension")
        """,
    )
