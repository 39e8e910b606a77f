"""Benches: how fast the archive does what it does, beside others that do part of it, measured in one run."""
