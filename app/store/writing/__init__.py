"""The one writer of the event database: its lock, its groups of commits, its log."""
