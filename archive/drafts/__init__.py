"""Drafts: what people write before it is printed. Read for the quotations in it; nothing of one is ever kept."""
