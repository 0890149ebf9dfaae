"""Settings chosen for a log: a look at it, cheap rules from the look, and a search on the log's own past."""
