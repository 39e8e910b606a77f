"""Tells which IP addresses can be hosts on the public internet; it knows no name, and connects to nothing."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address

# What ipaddress calls global and is nobody's website: IETF assignments, 6to4 relays, multicast, reserved.
_NEVER_IPV4 = tuple(IPv4Network(net) for net in ("192.0.0.0/24", "192.88.99.0/24", "224.0.0.0/4", "240.0.0.0/4"))
# All unicast ever given out lies in 2000::/3 (IANA IPv6 Global Unicast Address Space). Left out within it:
# Teredo and the IETF's other assignments, documentation, 6to4. NAT64 and IPv4-mapped addresses lie outside.
_UNICAST_IPV6 = IPv6Network("2000::/3")
_NEVER_IPV6 = tuple(IPv6Network(net) for net in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))


def is_public(address: str) -> bool:
    """Tell whether `address` (an IP address, as text) can be a host on the public internet."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if not ip.is_global:
        return False
    if isinstance(ip, IPv4Address):
        return not any(ip in net for net in _NEVER_IPV4)
    return ip.scope_id is None and ip in _UNICAST_IPV6 and not any(ip in net for net in _NEVER_IPV6)
