"""Distributions in the plane, each with its exact density, score and denoiser."""
