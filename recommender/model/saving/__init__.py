"""A model on disk: checked files in one folder, put in place in one step."""
