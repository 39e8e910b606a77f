"""What happens to a document between the network and the archive."""
