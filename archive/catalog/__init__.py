"""The catalogue: its schema, and the rows derived from captures."""
