"""From noise to data: samplers, their steps, and Langevin dynamics."""
