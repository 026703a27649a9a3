"""The tab Score & Langevin."""
