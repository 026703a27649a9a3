"""Lectures: scenes, questions, and rooms in which students follow."""
