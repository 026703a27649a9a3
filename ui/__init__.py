"""The page: tabs, players and figures. No mathematics of its own."""
