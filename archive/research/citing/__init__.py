"""Citations: one description of what is cited (a CSL item), and the forms in which people and programs take it."""
