"""The questions that people ask of the catalogue."""
