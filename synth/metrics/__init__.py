"""How far sounds are from one another, and from the family they belong to."""
