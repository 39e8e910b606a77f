"""What is installed, locked by digest, and the list of it that other programs read."""
