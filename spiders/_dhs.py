"""The addresses of dhs.gov that more than one source asks for."""

from __future__ import annotations

from spiders._addresses import search_address

HOST = "www.dhs.gov"
COLLECTIONS = f"https://{HOST}/publications-library/collections"
PIA_COLLECTION = f"{COLLECTIONS}/privacy-impact-assessments-(pia)"
SORN_COLLECTION = f"{COLLECTIONS}/system-of-records-notices-(sorns)"


def assessment_search(number: str) -> str:
    """Return where the library's own search looks for a privacy impact assessment ("DHS/ICE/PIA-062")."""
    return search_address(PIA_COLLECTION, number)
