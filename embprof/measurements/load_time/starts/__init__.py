"""A service's start, done once in a bare interpreter and timed stage by stage."""
