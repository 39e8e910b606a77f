"""Bytes to text: readers that know nothing of the network or the archive."""
