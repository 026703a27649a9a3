"""The tab Diffusion (DDPM)."""
