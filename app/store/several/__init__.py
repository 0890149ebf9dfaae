"""What several processes that serve one site tell each other through their database; SQLite has one, and none of it."""
