"""Exports that other programs read; none of them tells more than the release that it is of."""
