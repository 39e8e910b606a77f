"""The same shape as the code, with real files and without the network."""
