"""Scrapy's settings: every name that differs from Scrapy's own default, with the reason."""

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
# Cookies make two visitors see two pages, and their handling asks the network for the public suffix list.
COOKIES_ENABLED = False
# A proxy named in the environment would be the peer that is checked in place of the server.
HTTPPROXY_ENABLED = False
REFERER_ENABLED = False
ROBOTSTXT_OBEY = True
DOWNLOAD_MAXSIZE = 50 << 20
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_TIMEOUT = 60
DOWNLOAD_DELAY = 2.0
CONCURRENT_REQUESTS_PER_DOMAIN = 1
AUTOTHROTTLE_ENABLED = True
RETRY_TIMES = 2
LOG_LEVEL = "WARNING"
