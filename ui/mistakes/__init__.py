"""The tab The notebook's mistakes."""
