"""Archives that earlier versions made, one a file, and what makes and opens them."""
