"""*Likelihood* as Python."""

from __future__ import annotations

from ui.ddpm.likelihood.compute import SIGMA_MAX, LikelihoodSettings
from ui.shared.python_code import program


def as_python(settings: LikelihoodSettings) -> str:
    """The log-likelihood of the point, by the network and the exact predictor, and exactly."""
    return program(
        "import torch",
        """
        import diffusion
        from diffusion.process.likelihood import flow, log_likelihood, log_spaced
        """,
        f"""
        point = torch.tensor([[{settings.x}, {settings.y}]], dtype=torch.float64)
        sigmas = log_spaced({settings.sigma}, {SIGMA_MAX}, {settings.num_steps})
        predictors = {{
            "network": diffusion.load("swiss-roll-ddpm").network.double(),
            "exact predictor": diffusion.swiss_roll.Oracle(),
        }}
        """,
        f"""
        log_likelihoods = {{}}
        for name, predictor in predictors.items():
            *_, end = flow(predictor, point, sigmas)
            log_likelihoods[name] = float(log_likelihood(end, diffusion.swiss_roll.moments()))
            print(f"log p by the ODE with the {{name}}: {{log_likelihoods[name]:.5f}} nats")
        exact = float(diffusion.swiss_roll.log_prob(point, noise_variance={settings.sigma}**2))
        print(f"exact log p, by quadrature: {{exact:.5f}} nats")
        """,
    )
