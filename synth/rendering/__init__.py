"""From the parameters of a sound to its samples, with either of two renderers."""
