"""Who is named as the author of a government document: the body that issued it, never a person.

Names are those that the bodies use; the short forms follow tables T6 and T10 of the Bluebook (21st edition), by which
rule 15.1(c) has institutional authors abbreviated.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Institution:
    """A body: its levels from the top down ("U.S. Department of Homeland Security", …), and each one's short form."""

    levels: tuple[str, ...]
    short: tuple[str, ...]

    @property
    def full(self) -> str:
        """Return the whole name, from the top down."""
        return ", ".join(self.levels)

    @property
    def above(self) -> str:
        """Return the name of what the body belongs to, "" where it belongs to nothing."""
        return ", ".join(self.levels[:-1])

    @property
    def abbreviated(self) -> str:
        """Return the name as the Bluebook has it: the smallest unit first."""
        return ", ".join(reversed(self.short))


DEPARTMENT = Institution(("U.S. Department of Homeland Security",), ("U.S. Dep’t of Homeland Sec.",))


def _of_department(name: str, short: str) -> Institution:
    return Institution((*DEPARTMENT.levels, name), (*DEPARTMENT.short, short))


# By the letters that a component has in its numbers (archive/identifiers.py).
COMPONENTS = {
    "ALL": DEPARTMENT,
    "HQ": DEPARTMENT,
    "CBP": _of_department("U.S. Customs and Border Protection", "U.S. Customs & Border Prot."),
    "CISA": _of_department("Cybersecurity and Infrastructure Security Agency", "Cybersec. & Infrastr. Sec. Agency"),
    "CRCL": _of_department("Office for Civil Rights and Civil Liberties", "Off. for C.R. & C.L."),
    "CWMD": _of_department("Countering Weapons of Mass Destruction Office", "Countering WMD Off."),
    "DNDO": _of_department("Domestic Nuclear Detection Office", "Domestic Nuclear Detection Off."),
    "FEMA": _of_department("Federal Emergency Management Agency", "Fed. Emergency Mgmt. Agency"),
    "FLETC": _of_department("Federal Law Enforcement Training Centers", "Fed. L. Enf’t Training Ctrs."),
    "FPS": _of_department("Federal Protective Service", "Fed. Protective Serv."),
    "I&A": _of_department("Office of Intelligence and Analysis", "Off. of Intel. & Analysis"),
    "ICE": _of_department("U.S. Immigration and Customs Enforcement", "U.S. Immigr. & Customs Enf’t"),
    "MGMT": _of_department("Management Directorate", "Mgmt. Directorate"),
    "NPPD": _of_department("National Protection and Programs Directorate", "Nat’l Prot. & Programs Directorate"),
    "OBIM": _of_department("Office of Biometric Identity Management", "Off. of Biometric Identity Mgmt."),
    "OHA": _of_department("Office of Health Affairs", "Off. of Health Affs."),
    "OIG": _of_department("Office of Inspector General", "Off. of Inspector Gen."),
    "OPS": _of_department("Office of Operations Coordination", "Off. of Operations Coordination"),
    "PRIV": _of_department("Privacy Office", "Priv. Off."),
    "S&T": _of_department("Science and Technology Directorate", "Sci. & Tech. Directorate"),
    "TSA": _of_department("Transportation Security Administration", "Transp. Sec. Admin."),
    "US-VISIT": _of_department("US-VISIT Program", "US-VISIT Program"),
    "USCG": _of_department("U.S. Coast Guard", "U.S. Coast Guard"),
    "USCIS": _of_department("U.S. Citizenship and Immigration Services", "U.S. Citizenship & Immigr. Servs."),
    "USSS": _of_department("U.S. Secret Service", "U.S. Secret Serv."),
}  # fmt: skip

# Whose a document is that says no component: the body whose site it stands on; the longest name that fits counts.
HOSTS = {
    "cbp.gov": COMPONENTS["CBP"],
    "cisa.gov": COMPONENTS["CISA"],
    "dhs.gov": DEPARTMENT,
    "fema.gov": COMPONENTS["FEMA"],
    "fletc.gov": COMPONENTS["FLETC"],
    "gao.gov": Institution(("U.S. Government Accountability Office",), ("U.S. Gov’t Accountability Off.",)),
    "ice.gov": COMPONENTS["ICE"],
    "justice.gov": Institution(("U.S. Department of Justice",), ("U.S. Dep’t of Just.",)),
    "oig.dhs.gov": COMPONENTS["OIG"],
    "secretservice.gov": COMPONENTS["USSS"],
    "tsa.gov": COMPONENTS["TSA"],
    "uscg.mil": COMPONENTS["USCG"],
    "uscis.gov": COMPONENTS["USCIS"],
}


def institution_of(component: str, url: str) -> Institution | None:
    """Return the body that issued a document, by its component or the site that it stands on; None if neither tells."""
    if component in COMPONENTS:
        return COMPONENTS[component]
    host = host_of(url)
    fitting = [name for name in HOSTS if host == name or host.endswith(f".{name}")]
    return HOSTS[max(fitting, key=len)] if fitting else None


def host_of(url: str) -> str:
    """Return the host of an address, without "www."; "" where it has none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
