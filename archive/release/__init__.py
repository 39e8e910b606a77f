"""Releases: what of the working archive is published, as files that are checked, numbered and never written to."""
