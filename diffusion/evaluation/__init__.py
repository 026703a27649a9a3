"""How good a network is: distances to real data, the variational bound, model cards."""
