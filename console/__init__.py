"""What the command line shares: exit statuses, progress, and how answers look on a terminal."""
