"""The page: tabs, players and figures. No mathematics of its own."""

from unittest.mock import patch

# Else Gradio 6.31 parses each of its components and writes the type stubs anew that come with it:
# half of its import, 1.5 s of a core. A class without a file it passes over.
with patch("inspect.getfile", side_effect=OSError):
    import gradio  # noqa: F401
