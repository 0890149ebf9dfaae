"""PostgreSQL as the engine: a server that several processes and hosts share."""
