"""The check of quotations: whether words stand in what is held, letter for letter, and if not, what differs."""
