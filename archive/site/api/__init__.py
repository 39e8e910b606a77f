"""What the site's data looks like, for programs: every JSON route, its parameters and its answers, as OpenAPI 3.1."""
