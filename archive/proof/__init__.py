"""Proof: the whole archive held against what was written down when it was written, and who looked when."""
