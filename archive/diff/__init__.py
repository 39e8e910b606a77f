"""What changed between two versions: a pure core, from two sides to a comparison; one module reads sides from rows."""
