"""States, counties and cities: their names, from a public gazetteer, and where a text names one of them."""
