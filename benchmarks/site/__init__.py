"""The site under load: growth over HTTP, capacity, replay and the core, in one report (`make bench`)."""
