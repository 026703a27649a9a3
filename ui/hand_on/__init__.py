"""What one does with a view of a section: link to it, take it as Python, save it, embed it."""
