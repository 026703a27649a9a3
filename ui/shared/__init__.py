"""What the sections have in common: settings, controls, links, caches, models, figures."""
