"""What runs: the store, the stages, the desk and their front doors."""
