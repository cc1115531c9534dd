"""Pure values, standard library only."""
