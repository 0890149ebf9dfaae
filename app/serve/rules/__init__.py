"""Business rules on lists: which are in force, and what they do to one page."""
