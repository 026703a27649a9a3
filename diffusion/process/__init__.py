"""The forward process: noise schedules, the algebra of x_t, x_0 and ε, likelihoods."""
