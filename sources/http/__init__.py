"""How sources reach the world: guarded, polite, capped."""
