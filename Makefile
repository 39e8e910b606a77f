# One line a task; `make help` names them all.
PYTHON ?= python3
PORT ?= 8001
SERVE ?= yes
# One more than there are processors: tests wait for servers, browsers and disks a third of their time.
WORKERS ?= $(shell expr 1 + $$(nproc))
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help browser ocr cluster s3 demo test lint format corpus soak bench bench-capture bench-articles bench-proof bench-over-time bench-quotes bench-search bench-load bench-diff bench-cluster proof bench-text lock sbom interop clean sample pictures

help: ## name every target
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "make %-14s %s\n", $$1, $$2}'

.venv/run: requirements/run.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; name one with PYTHON=") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --quiet --require-hashes --only-binary :all: -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --quiet --no-deps --no-build-isolation --no-index -e .
	@touch $@

.venv/test: .venv/run requirements/test.txt
	$(BIN)/python -m pip install --quiet --quiet --require-hashes --only-binary :all: -r requirements/test.txt
	@touch $@

.venv/browser: .venv/run requirements/browser.txt
	$(BIN)/python -m pip install --quiet --quiet --require-hashes --only-binary :all: -r requirements/browser.txt
	@touch $@

.venv/ocr: .venv/run requirements/ocr.txt
	$(BIN)/python -m pip install --quiet --quiet --require-hashes --only-binary :all: -r requirements/ocr.txt
	@touch $@

.venv/cluster: .venv/run requirements/cluster.txt
	$(BIN)/python -m pip install --quiet --quiet --require-hashes --only-binary :all: -r requirements/cluster.txt
	@touch $@

# The whole set anew: what speaks to S3 takes no python-dateutil of today (requirements/s3.txt). Not beside .venv/test.
.venv/s3: .venv/run requirements/s3.txt
	$(BIN)/python -m pip install --quiet --quiet --require-hashes --only-binary :all: -r requirements/s3.txt
	@touch $@

browser: .venv/browser ## add what opens pages in a browser (and needs chromium)

ocr: .venv/ocr ## add what reads scanned pages (Debian's tesseract-ocr will do as well)

cluster: .venv/cluster ## add what crawls and reads on more than one machine

s3: .venv/s3 ## add what backs up to S3 (for a server: the tests want another date library)

demo: .venv/run ## crawl the bundled sample and serve it (SERVE=no stops before serving, PORT= moves it)
	$(BIN)/oversight demo --port $(PORT) $(if $(filter no,$(SERVE)),--no-serve)

test: .venv/test ## run the whole test suite
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

lint: .venv/test ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: .venv/test ## put the code into the house's form
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

corpus: .venv/test ## the tests over every file of the corpus of real files
	$(BIN)/python -m pytest -m corpus

soak: .venv/test ## the tests that take long on purpose
	$(BIN)/python -m pytest -m soak --timeout 0

proof: .venv/test ## the figures of what is promised (GROUPS="CR WD", SOAK=yes for those that take long)
	$(BIN)/python -m bench.figure_sheet $(if $(filter yes,$(SOAK)),--soak) $(GROUPS)

bench: .venv/test ## every bench beside its peers, into docs/benchmarks.md (an hour; QUICK=1 minutes; PARTS="diff text")
	$(BIN)/python -m bench.everything $(if $(QUICK),--quick) $(if $(PARTS),--parts $(PARTS))

bench-capture: .venv/test ## captured pages a second, beside bare Scrapy and wget
	$(BIN)/python -m bench.capture

bench-articles: .venv/test ## article texts beside trafilatura's, on the public benchmark (FOLDER= a copy of it)
	$(BIN)/python -m bench.articles "$(FOLDER)"

bench-text: .venv/test ## what is read of PDFs, beside other readers (QUICK=1, READERS="NAME=COMMAND {pdf}")
	$(BIN)/python -m bench.text

bench-proof: .venv/test ## what verify, rebuild, a release and recovery cost, and how it grows (SIZES=)
	$(BIN)/python -m bench.proof $(if $(SIZES),--sizes $(SIZES))

bench-diff: .venv/test ## the word diff of two long documents, beside difflib and diff-match-patch (SIZES=)
	$(BIN)/python -m bench.diff $(if $(SIZES),--sizes $(SIZES))

bench-quotes: .venv/test ## checking a draft against a million pages, beside a plain scan and FTS5's phrase search
	$(BIN)/python -m bench.quotes

bench-search: .venv/test ## searching a million pages, beside bare FTS5 and stock Datasette
	$(BIN)/python -m bench.search

bench-load: .venv/test ## a hundred readers at once, some with hostile SQL (MADE= a folder of bench.search --keep)
	$(BIN)/python -m bench.load "$(MADE)"

bench-over-time: .venv/test ## the first and the last version of a phrase, among a million pages
	$(BIN)/python -m bench.over_time

bench-cluster: .venv/test ## crawling many hosts and reading with one worker process of a cluster and with two
	$(BIN)/python -m bench.cluster

sample: .venv/test ## make samples/january-2018.warc.gz again
	$(BIN)/python -m samples.build

pictures: .venv/test ## take the pictures of docs/ and the README again (needs chromium)
	OVERSIGHT_PICTURES=docs $(BIN)/python -m pytest tests/test_browser_reading_room.py -k pictures

lock: ## pin the dependencies anew (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade requirements/run.in -o requirements/run.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header requirements/browser.in -c requirements/run.txt -o requirements/browser.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header requirements/ocr.in -c requirements/run.txt -o requirements/ocr.txt
	cp requirements/run.txt requirements/s3.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header requirements/run.in requirements/s3.in -o requirements/s3.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header requirements/cluster.in -c requirements/run.txt -o requirements/cluster.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header requirements/test.in -c requirements/run.txt -o requirements/test.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade requirements/interop.in -o requirements/interop.txt

.venv-interop/ready: requirements/interop.txt
	$(PYTHON) -m venv .venv-interop
	.venv-interop/bin/python -m pip install --quiet --quiet --require-hashes --prefer-binary -r requirements/interop.txt
	@touch $@

# ReplayWeb.page, a program for browsers: fetched by npm where there is one, and taken only if it is the one pinned.
.venv-interop/replayweb: .venv-interop/ready requirements/interop-npm.sha512
	@rm -rf $@ && mkdir -p $@.new
	cd $@.new && npm pack --silent replaywebpage@2.5.3 && sha512sum -c --quiet ../../requirements/interop-npm.sha512
	tar -xzf $@.new/replaywebpage-2.5.3.tgz -C $@.new && mv $@.new/package $@ && rm -rf $@.new

# The program beside what speaks to S3, for the test of a backup to a server that speaks it.
.venv-s3/ready: requirements/s3.txt pyproject.toml
	$(PYTHON) -m venv .venv-s3
	.venv-s3/bin/python -m pip install --quiet --quiet --require-hashes --only-binary :all: -r requirements/s3.txt
	.venv-s3/bin/python -m pip install --quiet --quiet --no-deps --no-build-isolation --no-index -e .
	@touch $@

interop: .venv/test .venv-interop/ready .venv-s3/ready $(if $(shell command -v npm),.venv-interop/replayweb) ## other programs check, index and replay what we write (pywb, ReplayWeb.page, validators)
	$(BIN)/python -m pytest -s -m soak --timeout 0 tests/test_interop.py tests/test_interop_exports.py tests/test_interop_stores.py tests/test_memento_clients.py

sbom: .venv/run ## what the program is made of, by digest: build/sbom.cdx.json (CycloneDX)
	@mkdir -p build
	$(BIN)/python -m requirements.sbom > build/sbom.cdx.json

clean: ## remove the virtual environments and the demo's archive
	rm -rf .venv .venv-interop .venv-s3 data/demo
