"""The pages that Datasette serves of an archive."""
