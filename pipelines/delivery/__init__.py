"""Sends the messages of watches, by mail, webhook and Apprise; what is due and what was sent stands in the journal."""
