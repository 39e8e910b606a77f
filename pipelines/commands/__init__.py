"""Scrapy commands that behave here as `oversight` does: exit status, archive lock, loading."""
