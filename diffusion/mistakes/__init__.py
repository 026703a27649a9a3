"""WRONG ON PURPOSE: the tutorial's mistakes, each beside the right way."""
