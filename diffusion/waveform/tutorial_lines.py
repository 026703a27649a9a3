"""The tutorial's own lines with each mistake in sound, from its third part or its text."""

TUTORIAL_SOUND_LINES = {
    "16-bit file, not in range": """\
fformat = 'WAVE'
sampletype = 0
...
sin_sig = pyo.Sine(freq=freq_ar, mul=1)""",
    "max for max |y|": """\
y = y / np.max(y)""",
    "partials even, B not used": """\
inharm = np.arange(0, 0.1, 0.001)[np.random.randint(0, 100)]
for k in range(n_harm):
    freq_new = (2 * (k + 1)) * f0
    freq_ar.append(freq_new)""",
    "frames of 11 ms": """\
dataset = generate_additive_set(1e3, slice_id = [250, 500])""",
    "β for √β": """\
# In part 2, whose forward process scales its noise by β where q(x_t | x_{t-1}) has √β:
# q(x_t | x_{t-1}) = N(x_t ; √(1 - β_t) x_{t-1}, β_t I)""",
    "schedule short of noise": """\
n_steps = 50
betas = make_beta_schedule(schedule='linear', n_timesteps=n_steps, start=1e-6, end=1e-2)
...
    cur_x = torch.randn(shape)""",
    "noisiest segment not trained": """\
t = np.random.choice(range(1, n_steps), size=batch_size)
continuous_sqrt_alpha_cumprod = torch.FloatTensor(
    np.random.uniform(
        alphas_prod_p_sqrt[t-1],
        alphas_prod_p_sqrt[t],""",
    "range of √ᾱ without width": r"""
# In the text; the code has two different ends:
# \sqrt{\bar{\alpha}} \sim \mathcal{U}(\sqrt{\bar{\alpha}_{t-1}},\sqrt{\bar{\alpha}_{t-1}}),
""".strip(),
    "noisiest step skipped": """\
cur_x = torch.randn(shape)
x_seq = [cur_x]
for i in reversed(range(n_steps - 1)):
    cur_x = p_sample(model, cur_x, i)""",
    "gates that hardly condition": """\
out = self.lin(x)
gamma = y
out = gamma * out""",
    "batch norm in training mode": """\
x = F.leaky_relu(self.bn1(self.conv1(x, y)), 0.2)
x = F.leaky_relu(self.bn2(self.conv2(x, y)), 0.2)
...
x_seq = p_sample_loop(model, [1, dataset.shape[1]])""",
}
