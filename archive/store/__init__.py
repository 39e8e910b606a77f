"""Captures: WARC files, and the index that says what is in them."""
