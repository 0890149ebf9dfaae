"""Every value that the flywheel page shows, taken in rounds beside the requests."""
