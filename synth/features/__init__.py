"""Mel spectrograms, loudness, and what else is computed from a sound."""
