"""Sixty nights of an archive that follows four publishers: their web, what happens to it, and the truth of it."""
