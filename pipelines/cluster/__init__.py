"""More than one machine: a Dask cluster crawls and reads, and one writer takes in what came of it (docs/scale.md)."""
