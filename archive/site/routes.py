"""The archive's addresses, and which view answers each."""

from __future__ import annotations

import re

from archive.site.absence_views import show_absence
from archive.site.api_views import show_api, show_openapi
from archive.site.badge_views import show_badge
from archive.site.batch_views import give_batch, show_batch
from archive.site.chain_views import show_chain
from archive.site.change_views import show_changes
from archive.site.citation_views import show_citations
from archive.site.dashboard_views import show_dashboard
from archive.site.diff_views import show_difference, show_difference_of_two
from archive.site.document_views import show_document
from archive.site.front_views import show_databases, show_file, show_front, show_nothing, show_sources
from archive.site.link_views import show_gaps, show_unmatched
from archive.site.lookup_views import look_up_address, look_up_number
from archive.site.memento_views import choose_capture, give_capture, list_captures, show_capture
from archive.site.page_pictures import show_picture
from archive.site.place_views import show_place, show_places
from archive.site.quote_views import show_quotes
from archive.site.release_views import show_about, show_release_file, show_releases
from archive.site.search_views import show_search
from archive.site.time_views import show_over_time
from archive.site.timeline_views import show_timeline
from archive.site.vendor_views import show_vendor, show_vendors
from archive.site.watch_views import show_watch, show_watches
from archive.site.whole_files import give_file
from archive.site.withdrawal_views import show_withdrawals

ROUTES = [
    (re.compile(r"/$"), show_front),
    (re.compile(r"/d/(?P<rest>[^@/]+/diff(?:[/.].*)?)$"), show_difference),
    (re.compile(r"/diff(?P<format>\.json|\.txt)?$"), show_difference_of_two),
    (re.compile(r"^/d/(?P<rest>.+)(?P<ending>/cite|\.citations\.json|\.bib|\.ris|\.csl\.json)$"), show_citations),
    (re.compile(r"/d/(?P<rest>[^/]+/p[0-9]{1,7})\.(?P<form>png|words\.json)$"), show_picture),
    (re.compile(r"/d/(?P<rest>[^/]+)\.pdf$"), give_file),
    (re.compile(r"/d/(?P<rest>.+)$"), show_document),
    (re.compile(r"/n(?:(?P<format>\.json)|(?:/(?P<rest>.*))?)$"), look_up_number),
    (re.compile(r"/cite(?P<format>\.json)?$"), look_up_address),
    (re.compile(r"/search(?P<format>\.(?:json|csv|atom))?$"), show_search),
    (re.compile(r"/search/batch$"), show_batch),
    (re.compile(r"/search/batch\.csv$"), give_batch),
    (re.compile(r"/search/time(?P<format>\.json)?$"), show_over_time),
    (re.compile(r"/places(?P<format>\.json)?$"), show_places),
    (re.compile(r"/places/(?P<place>us-[a-z]{2}(?:-[a-z0-9-]{1,80})?)(?P<format>\.json)?$"), show_place),
    (re.compile(r"/absence(?P<format>\.json)?$"), show_absence),
    (re.compile(r"/quotes(?P<format>\.json)?$"), show_quotes),
    (re.compile(r"/sources(?P<format>\.json)?$"), show_sources),
    (re.compile(r"/badge(?P<format>\.svg|\.json)$"), show_badge),
    (re.compile(r"/sources/(?P<name>[a-z][a-z0-9_]{0,59})(?P<format>\.svg|\.json)$"), show_badge),
    (re.compile(r"/releases(?P<format>\.json)?$"), show_releases),
    (
        re.compile(r"/releases/(?P<number>[1-9][0-9]{0,8})(?P<earlier>\.[0-9a-f]{16})?\.(?P<ending>json|tsr)$"),
        show_release_file,
    ),
    (re.compile(r"/dashboard(?P<format>\.json)?$"), show_dashboard),
    (re.compile(r"/openapi\.json$"), show_openapi),
    (re.compile(r"/api$"), show_api),
    (re.compile(r"/about(?P<format>\.json)?$"), show_about),
    (re.compile(r"/-/oversight/(?P<name>site\.css|site\.js|datasette\.css|icon\.svg)$"), show_file),
    (re.compile(r"/changes(?P<format>\.(?:json|atom))?$"), show_changes),
    (re.compile(r"/chain(?:(?P<format>\.json)|(?:/(?P<rest>.*))?)$"), show_chain),
    (re.compile(r"/unmatched(?P<format>\.(?:json|csv))?$"), show_unmatched),
    (re.compile(r"/gaps(?P<format>\.json)?$"), show_gaps),
    (re.compile(r"/gaps/(?P<series>[^/]+?)(?P<format>\.(?:json|csv))?$"), show_gaps),
    (re.compile(r"/timeline(?P<format>\.(?:json|csv|svg))?$"), show_timeline),
    (re.compile(r"/vendors(?P<format>\.json)?$"), show_vendors),
    (re.compile(r"/vendors/(?P<rest>[^/]+)$"), show_vendor),
    (re.compile(r"/watches(?P<format>\.json)?$"), show_watches),
    (re.compile(r"/watches/(?P<name>[a-z0-9][a-z0-9-]{0,59})(?P<format>\.(?:json|atom))?$"), show_watch),
    (re.compile(r"/web/(?P<rest>.+)$"), give_capture),
    (re.compile(r"/timegate/(?P<rest>.+)$"), choose_capture),
    (re.compile(r"/timemap/(?P<form>link|json)/(?P<rest>.+)$"), list_captures),
    (re.compile(r"/captures/(?P<rest>.+)$"), show_capture),
    (re.compile(r"/withdrawals(?P<format>\.json)?$"), show_withdrawals),
    # Datasette's own pages of these names tell where the files lie on this machine, and what runs on it.
    (re.compile(r"/-/databases(\.json)?$"), show_databases),
    (re.compile(r"/-/threads(\.json)?$"), show_nothing),
]

# What may be asked by POST, since an address can't hold it; no route writes anything.
POSTED = {give_batch, show_quotes}
