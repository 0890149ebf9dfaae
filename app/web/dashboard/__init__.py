"""The flywheel page, its inspector and its admin actions."""
