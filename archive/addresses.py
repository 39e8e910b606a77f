"""Web addresses as names: which are sane, which mean one page, which parts are secret; asks no network."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from functools import lru_cache
from urllib.parse import unquote

LONGEST = 8_000
REDACTED = "REDACTED"

# Query names (lower case, "_" for "-" and ".") whose value is a key, a token or a signature. A bare "key"
# isn't among them: many sites name a document by it, and dropping it would make two documents one.
# fmt: off
SECRET_PARAMETERS = frozenset([
    "access_key", "access_token", "api_key", "apikey", "auth_token", "authorization", "awsaccesskeyid",
    "bearer_token", "client_secret", "id_token", "passwd", "password", "pwd", "refresh_token", "secret",
    "secret_key", "security_token", "sig", "signature", "subscription_key", "token", "x_amz_credential",
    "x_amz_security_token", "x_amz_signature", "x_api_key", "x_goog_credential", "x_goog_signature",
])

# Names that say where a reader came from, never which page is meant; and every "utm_…".
TRACKING_PARAMETERS = frozenset([
    "_ga", "_gl", "cmp", "cmpid", "dclid", "fbclid", "gaa_at", "gaa_n", "gaa_sig", "gaa_ts", "gbraid",
    "gclid", "gclsrc", "guccounter", "guce_referrer", "guce_referrer_sig", "icid", "igshid", "itid", "ito",
    "mc_cid", "mc_eid", "mkt_tok", "msclkid", "ncid", "ocid", "oref", "s_cid", "smid", "smtyp", "soc_src",
    "soc_trk", "srsltid", "taid", "twclid", "wbraid", "yclid",
])
# fmt: on

# (name, value) pairs that ask for another dress of the same article.
DRESSES = frozenset(
    [("comments", "true"), ("outputtype", "amp"), ("_amp", "true")] + [("amp", value) for value in ("", "1", "true")]
)

_WEB = re.compile(r"https?://", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,30}://", re.IGNORECASE)
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL}){{0,126}}\.?")
_PORT = re.compile(r":([0-9]{1,5})?$")
# "www." and "amp." in front of a name that stands without them; "amp.dev" is a name of its own.
_SAME_SITE = re.compile(r"(?:(?:www|amp)\.)+(?=[^.]+\.)")
_AMP_TAIL = re.compile(r"(?<=[^/])/amp$", re.IGNORECASE)
# "%25aa" is one letter (atomic): taken for two in half of the cases, 60 of them would take for ever.
_PARAMETER = re.compile(
    r"(?:[?&#]|%(?:25)*(?:3F|26|23))((?>[a-z0-9_.-]|%(?:25)*[0-9a-f]{2}){1,60}?)(?:=|%(?:25)*3D)",
    re.IGNORECASE,
)
_VALUE_END = re.compile(r"[&#]")
_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$'()*,;:@")
_PLAIN_IN_PATH = _PLAIN | frozenset(b"&=+")
_HEX = frozenset(b"0123456789abcdefABCDEF")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def is_web_address(url: str) -> bool:
    """Say whether `url` is http or https with a host that can be one; if it may be fetched isn't asked.

    No control or invisible characters, no user name, no backslash before the path, at most 8,000 characters.
    Any string is answered; nothing raises.
    """
    return _split(url) is not None


def without_secrets(url: str) -> str:
    """Return `url` with each value of a parameter in SECRET_PARAMETERS, and a password, as "REDACTED".

    The one place where an address is changed for its secrets; all else stays as it was, byte for byte.
    Addresses packed into a parameter (percent-encoded, once or more) are covered; there the rest of the
    packed address goes with the secret.
    """
    url = _without_password(url)
    pieces, position = [], 0
    for match in _PARAMETER.finditer(url):
        if match.end() < position or not _is_secret(match.group(1)):
            continue
        stop = _VALUE_END.search(url, match.end())
        end = stop.start() if stop else len(url)
        if end > match.end():
            pieces += [url[position : match.end()], REDACTED]
            position = end
    return "".join([*pieces, url[position:]])


@lru_cache(maxsize=1 << 14)  # settling asks the same again, night after night
def url_key(url: str) -> str:
    """Return the look-up key of an address: equal for the spellings of one page; a key's key is itself.

    Dropped: scheme, "www." and "amp.", default port, fragment, trailing slash, tracking and secret
    parameters, AMP and comment forms. Percent-encoding is undone as often as it was done, then done once:
    `(pia)`, `%28pia%29` and `%2528pia%2529` are one. Parameters are sorted. An address without a scheme
    counts as https; text that is no web address is its own key.
    """
    url = without_secrets(url.strip())
    parts = _split(url) or (None if _SCHEME.match(url) else _split("https://" + url))
    if parts is None:
        return url
    host, port, path, query = parts
    site = _SAME_SITE.sub("", host, count=1) if _SAME_SITE.match(host) else host
    return site + (f":{port}" if port not in ("", "80", "443") else "") + _path_key(path) + _query_key(query)


def slug(text_or_url: str, limit: int = 80) -> str:
    """Return lower-case letters a to z, digits and single hyphens, cut between words; "" if nothing is left.

    An address gives its key's words (host, path, query); accents are dropped from letters.
    """
    text = url_key(text_or_url) if is_web_address(text_or_url) else text_or_url[:LONGEST]
    plain = unicodedata.normalize("NFKD", unquote(text).casefold())
    words = re.findall(r"[a-z0-9]+", "".join(c for c in plain if not unicodedata.combining(c)).replace("'", ""))
    kept = "-".join(words)[: limit + 1]
    if len(kept) > limit:
        kept = kept.rpartition("-")[0] or kept[:limit]
    return kept


def _split(url: str) -> tuple[str, str, str, str] | None:
    """Return host, port, path and query of a web address, or None where it isn't one."""
    start = _WEB.match(url)
    if start is None or len(url) > LONGEST or _has_hidden(url):
        return None
    rest = url[start.end() :].partition("#")[0]
    before, _, query = rest.partition("?")
    authority, slash, path = before.partition("/")
    port = _PORT.search(authority)
    number = (port.group(1) or "").lstrip("0") if port else ""
    host = _host(authority[: port.start()] if port else authority)
    if host is None or int(number or 0) > 65_535:
        return None
    return host, number, slash + path, query


def _has_hidden(url: str) -> bool:
    return not url.isprintable() and any(unicodedata.category(c) in _HIDDEN for c in url)


def _host(text: str) -> str | None:
    """Return a host in lower case, ASCII, without the root's dot; None for what can't be one.

    Hosts that change under compatibility mapping (circled or full-width digits) are refused: programs
    disagree about which machine they name.
    """
    text = text.lower()
    if text.startswith("[") and text.endswith("]") and "%" not in text:
        try:
            return f"[{ipaddress.IPv6Address(text[1:-1]).compressed}]"
        except ValueError:
            return None
    if not text.isascii():
        if len(text) > 253 or unicodedata.normalize("NFKC", text) != text:
            return None
        try:
            text = text.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    return text.removesuffix(".") if len(text) <= 254 and _HOST.fullmatch(text) else None


def _path_key(path: str) -> str:
    segments: list[str] = []
    for part in path.split("/")[1:]:
        segment = _encode(_decode(part), _PLAIN_IN_PATH)
        if segment == "..":
            del segments[-1:]
        elif segment != ".":
            segments.append(segment)
    key = "/".join(["", *segments]).rstrip("/")
    while (plain := _AMP_TAIL.sub("", key).rstrip("/")) != key:
        key = plain
    return without_secrets(key)


def _query_key(query: str) -> str:
    pairs = []
    for parameter in filter(None, query.split("&")):
        raw_name, equals, raw_value = parameter.replace("+", "%20").partition("=")
        name, value = _encode(_decode(raw_name)), without_secrets(_encode(_decode(raw_value)))
        if not (_is_secret(raw_name) or _is_tracking(name.lower(), value.lower())):
            pairs.append((name, value, equals))
    kept = "&".join(name + equals + value for name, value, equals in sorted(pairs))
    return f"?{kept}" if kept else ""


def _is_tracking(name: str, value: str) -> bool:
    return (
        name.startswith("utm_")
        or name in TRACKING_PARAMETERS
        or (name, value) in DRESSES
        or (name == "source" and value.startswith("post_page"))
    )


def _is_secret(raw_name: str) -> bool:
    name = _decode(raw_name).decode("utf-8", "replace").strip().lower()
    return name.replace("-", "_").replace(".", "_") in SECRET_PARAMETERS


def _without_password(url: str) -> str:
    start = _SCHEME.match(url)
    if start is None:
        return url
    authority = re.split(r"[/?#]", url[start.end() :], maxsplit=1)[0]
    user, at, host = authority.rpartition("@")
    if not at or ":" not in user:
        return url
    name = user.partition(":")[0]
    return f"{url[: start.end()]}{name}:{REDACTED}@{host}{url[start.end() + len(authority) :]}"


def _decode(text: str) -> bytes:
    """Undo percent-encoding until none is left, in one pass: each byte is looked at when it arrives."""
    raw = text.encode("utf-8", "replace")
    if b"%" not in raw:
        return raw
    done = bytearray()
    for byte in raw:
        done.append(byte)
        while len(done) > 2 and done[-3] == 0x25 and done[-2] in _HEX and done[-1] in _HEX:
            done[-3:] = bytes([int(done[-2:], 16)])
    return bytes(done)


def _encode(raw: bytes, plain: frozenset[int] = _PLAIN) -> str:
    return "".join(chr(byte) if byte in plain else f"%{byte:02X}" for byte in raw)
