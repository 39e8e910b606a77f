"""What is kept, what can be asked of it, and how it is shown."""
