"""Captures by address and instant (RFC 7089), and the bytes that each was; knows no server."""
