"""Dossiers: claims in Markdown, each with its quotations and citations, held against what the archive holds."""
