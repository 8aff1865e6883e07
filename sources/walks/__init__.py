"""Going through listings so that nothing is lost."""
