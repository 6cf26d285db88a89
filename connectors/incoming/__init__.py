"""A phone that rings numbers of the simulated switch."""
