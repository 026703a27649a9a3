"""From data to a network: objectives, recipes, the trainer and a run in a folder."""
