"""Diffusion of waveforms; the only package here that knows `synth`."""
