"""The tutorial's own lines with each mistake, as they stand in its third part or in its text."""

TUTORIAL_LINES = {
    "uniform noise": """\
z_t = torch.rand(x.size())
x = x + (eps / 2) * model(x) + (np.sqrt(eps) * temperature * z_t)""",
    "decaying steps": """\
def sample_langevin(model, x=None, n_steps=10, eps=5e-3, decay=.9, temperature=1.0):
    ...
        eps *= decay""",
    "steps too long": """\
def sample_langevin(model, x=None, n_steps=10, eps=5e-3, decay=.9, temperature=1.0):""",
    "σ too small": """\
def denoising_score_matching(scorenet, samples, sigma=0.01):
    perturbed_samples = samples + torch.randn_like(samples) * sigma
    target = - 1 / (sigma ** 2) * (perturbed_samples - samples)""",
    "β for √β": """\
# In part 2, whose forward process scales its noise by β where q(x_t | x_{t-1}) has √β:
# q(x_t | x_{t-1}) = N(x_t ; √(1 - β_t) x_{t-1}, β_t I)""",
    "schedule short of noise": """\
betas = make_beta_schedule(schedule='sigmoid', n_timesteps=n_steps, start=1e-5, end=1e-2)
...
    cur_x = torch.randn(shape)""",
    "average not used": """\
for t in range(2001):
        ...
        ema.update(model)
    ...
        x_seq = p_sample_loop(model, dataset.shape)""",
    "noise at t = 0": """\
nonzero_mask = (1 - (t == 0))
sample = mean + torch.exp(0.5 * log_var) * noise
return (sample)""",
    "sign of ∇ log q": r"""
# In the text; the code of the loss has the minus sign:
# \nabla_{\tilde{\mathbf{x}}} \log q_{\sigma}(\tilde{\mathbf{x}}\mid\mathbf{x})
#     = \frac{\tilde{\mathbf{x}} - \mathbf{x}}{\sigma^{2}}""".lstrip(),
    "decoder for pixels": """\
# Assumes data is integers [0, 255] rescaled to [-1, 1]
centered_x = x - means
...
cdf_plus = approx_standard_normal_cdf(plus_in)
...
log_one_minus_cdf_min = torch.log(torch.clamp(1 - cdf_min, min=1e-12))""",
    "used before defined": """\
def loss_variational(model, x_0):
    ...
    true_mean, true_var = q_posterior_mean_variance(x_0, x_t, t)""",
}
