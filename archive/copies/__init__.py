"""Second copies of an archive: made, held against the journal, and used to mend the first."""
