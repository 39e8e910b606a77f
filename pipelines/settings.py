"""Scrapy's settings: every name that differs from Scrapy's own default, with the reason."""

import os
import shutil
from pathlib import Path
from typing import Any

from pipelines.clock import now
from pipelines.following import FollowingError, read_following

BOT_NAME = "oversight-archive"
SPIDER_MODULES = ["spiders"]
NEWSPIDER_MODULE = "spiders"
TEMPLATES_DIR = "spiders/templates"

# Nothing but http and https, and both through the one handler that records what goes over the wire. Scrapy's own
# handlers read file:// links found on hostile pages.
DOWNLOAD_HANDLERS = {
    "http": "pipelines.capture.CaptureHandler",
    "https": "pipelines.capture.CaptureHandler",
    "file": None,
    "ftp": None,
    "s3": None,
    "data": None,
}
# Scrapy opens a port that runs Python for whoever connects to it.
REMOTE_CONTROL_ENABLED = False
TELNETCONSOLE_ENABLED = False
# Evidence: a certificate that doesn't hold is refused.
DOWNLOAD_VERIFY_CERTIFICATES = True
DOWNLOAD_TLS_MIN_VERSION = "TLSv1.2"
# Names are resolved by a resolver that gives public addresses only.
TWISTED_DNS_RESOLVER = "pipelines.address_guard.GuardedResolver"
# Cookies make two visitors see two pages, and their handling asks the network for the public suffix list.
COOKIES_ENABLED = False
# A proxy named in the environment would be the peer that is checked in place of the server.
HTTPPROXY_ENABLED = False
REFERER_ENABLED = False
ROBOTSTXT_OBEY = True
# Under this name robots.txt files speak of us (RFC 9309 2.2.1); seconds until one is asked for again; the longest
# delay between two requests that one may ask for.
ROBOTSTXT_USER_AGENT = "OversightArchive"
ROBOTS_MAX_AGE = 3600
MAX_CRAWL_DELAY = 60
DOWNLOAD_MAXSIZE = 50 << 20
DOWNLOAD_WARNSIZE = 0
# Seconds of silence, and seconds for a whole exchange: a server that sends a byte now and then ends at the second.
DOWNLOAD_TIMEOUT = 60
DOWNLOAD_DEADLINE = 300
# Delays, and requests at a time, are each host's own (HOST_RULES); beyond them Scrapy slows down for a slow server.
DOWNLOAD_DELAY = 0
CONCURRENT_REQUESTS_PER_DOMAIN = 16
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = 0
# A server that asks to be left alone for longer (Retry-After, in seconds) is given up for the run, and so is one that
# fails so often in a row; one that says "too many requests" and not for how long is left alone so long at first.
MAX_RETRY_AFTER = 600
MAX_FAILURES_IN_A_ROW = 100
RETRY_AFTER_UNSAID = 30
RETRY_TIMES = 2
# An address that was captured before is asked for on the condition that it changed; but some servers say it didn't
# when it did, and so the whole answer is fetched when the last one is older than this.
FULL_FETCH_DAYS = 7
# A run that was stopped, killed, or had spent its budget is gone on with by the next one, so many days long.
RESUME_DAYS = 7
# Nothing waits for an item here; Scrapy starts this many tasks for every answer, whether it has items or not.
CONCURRENT_ITEMS = 1
LOG_LEVEL = "WARNING"

# A crawl says who it is and where its operator can be reached. The one place where the environment is read.
CONTACT = os.environ.get("OVERSIGHT_CONTACT", "")
USER_AGENT = f"OversightArchive/0.1 ({CONTACT})" if CONTACT else "OversightArchive/0.1"
# Of each file whose pages have letters, one page is compared with what OCR sees on its picture, where an engine is
# installed: 2 to 3 seconds a file. OVERSIGHT_COMPARE=no leaves it out.
COMPARE_WITH_PICTURES = os.environ.get("OVERSIGHT_COMPARE", "yes") != "no"
ARCHIVE_DIR = os.environ.get("ARCHIVE_DIR", "data")
# Bytes of the disk that are kept free (in the environment: megabytes): reading, a rebuild, a release need room too.
_keep_free = os.environ.get("ARCHIVE_KEEP_FREE") or "500"
if not _keep_free.isdecimal():
    raise FollowingError(f"ARCHIVE_KEEP_FREE can't be {_keep_free!r}: it takes a whole number of megabytes.")
KEEP_FREE = int(_keep_free) << 20
# "right" where somebody looked at the machine's clock, which seemed wrong (pipelines/clock.py).
CLOCK = os.environ.get("OVERSIGHT_CLOCK", "")
# How messages of watches are sent (pipelines/delivery/): the operator's own mail server, and the networks of the
# operator's own into which webhooks and the like may go. What is secret (SMTP_PASSWORD, and what a watch's file names)
# is no setting: these are copied and printed (pipelines/delivery/secrets.py).
SMTP_HOST = os.environ.get("SMTP_HOST", "")
SMTP_PORT = os.environ.get("SMTP_PORT") or "587"
SMTP_USER = os.environ.get("SMTP_USER", "")
SMTP_FROM = os.environ.get("SMTP_FROM", "")
DELIVERY_NETWORKS = os.environ.get("DELIVERY_NETWORKS", "")
# What the archive is called, and its site's public address, for what is sent from here.
SITE_NAME = os.environ.get("ARCHIVE_NAME", "")
SITE_ADDRESS = os.environ.get("ARCHIVE_ADDRESS", "").strip().rstrip("/")
# What is followed, and how gently: one file, which anybody may replace by one of their own.
SOURCES_FILE = os.environ.get("OVERSIGHT_SOURCES") or str(Path(__file__).parent.parent / "sources.toml")
_following = read_following(Path(SOURCES_FILE))
HOST_RULES = dict(_following.hosts)
DISABLED_SOURCES = sorted(_following.disabled)
BROWSER_SOURCES = sorted(_following.browser)
PUBLISH = dict(_following.publish)
EVERY = dict(_following.every)
GATES = dict(_following.gates)
GATES_OF = {name: dict(limits) for name, limits in _following.gates_of.items()}
BROWSER_HOSTS = {name: list(hosts) for name, hosts in _following.browser_hosts.items()}
# What opens their pages, and what one page may take: seconds without those in which it waits for its parts, which are
# asked for as gently as all else; seconds of rest after which it is done; seconds in all; requests; characters.
# Chromium's own sandbox doesn't work for root.
BROWSER_PATH = shutil.which("chromium") or ""
BROWSER_SANDBOX = os.geteuid() != 0
BROWSER_SECONDS = 30
BROWSER_QUIET = 0.75
BROWSER_LONGEST = 300
BROWSER_REQUESTS = 100
BROWSER_CHARACTERS = 10_000_000


class _Told(dict[str, Any]):
    """What is handed on as it is: Scrapy copies all settings four times a run, to the last word of a long list."""

    def __deepcopy__(self, memo: object) -> dict[str, Any]:
        return self


# What sources are told of the world, which they don't look at themselves: the day, what to follow, whether there is a
# key (never the key).
SHARED_ARGUMENTS = _Told({"until": now()[:10], **_following.shared})
SOURCE_ARGUMENTS = _Told({name: dict(told) for name, told in _following.arguments.items()})
SOURCE_ARGUMENTS.setdefault("sam_notices", {})["key"] = bool(os.environ.get("SAM_API_KEY"))

# Set by a run: the recording that answers in place of the network, what is said of the run, its limits.
REPLAY_FILE = ""
REPLAY_NIGHT = ""
RUN: dict[str, object] = {}
ADDRESSES: list[str] = []
DOCUMENT_LIMIT = 0
RESUMED = False
# Tests and benches only: the one loopback port that a crawl may reach ("127.0.0.1:8765"), and the one that may be
# sent a key; the second counts only where it names the same port as the first.
ADDRESS_GUARD_ADMIT = ""
CREDENTIALS_ADMIT = ""

DOWNLOADER_MIDDLEWARES = {
    "pipelines.capture.OutcomeMiddleware": 10,
    "pipelines.capture.ScreeningMiddleware": 20,
    # Scrapy's own, which drop a request without a word, in their places.
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    "pipelines.boundaries.NamedOffsite": 50,
    "pipelines.resume.CapturedAlready": 60,
    "pipelines.politeness.RefusalMiddleware": 70,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "pipelines.robots.KnownRobots": 100,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    "pipelines.boundaries.NamedRedirects": 600,
    # A page's own refresh is markup, not an answer of the server.
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
}
SPIDER_MIDDLEWARES = {"pipelines.addresses_given.GivenAddresses": 10, "pipelines.asked_once.AskedOnce": 1000}
EXTENSIONS = {
    "pipelines.capture.RunRecord": 0,
    "pipelines.crawl.DocumentLimit": 0,
    "scrapy.extensions.throttle.AutoThrottle": None,
    "pipelines.politeness.ServerThrottle": 0,
}
COMMANDS_MODULE = "pipelines.commands"
