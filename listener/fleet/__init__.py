"""Many workers over one PostgreSQL store: the daemon's stages, cut into jobs."""
