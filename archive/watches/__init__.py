"""Watches: what people want to be told of, what of it came with a release, and the messages that tell them."""
