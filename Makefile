# One line a task; `make help` names them all.
PYTHON ?= python3
PORT ?= 8001
SERVE ?= yes
# One more than there are processors: tests wait for servers, browsers and disks a third of their time.
WORKERS ?= $(shell expr 1 + $$(nproc))
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help browser ocr demo test lint format corpus soak bench-capture bench-articles bench-proof bench-over-time bench-quotes bench-search bench-load bench-diff proof bench-text lock sbom interop clean sample pictures

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

browser: .venv/browser ## add what opens pages in a browser (and needs chromium)

ocr: .venv/ocr ## add what reads scanned pages (Debian's tesseract-ocr will do as well)

demo: .venv/run ## crawl the bundled sample and serve it (SERVE=no stops before serving, PORT= moves it)
	$(BIN)/oversight demo --port $(PORT) $(if $(filter no,$(SERVE)),--no-serve)

test: .venv/test ## run the whole test suite
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

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

sample: .venv/test ## make samples/january-2018.warc.gz again
	$(BIN)/python -m samples.build

pictures: .venv/test ## take the pictures of docs/ and the README again (needs chromium)
	OVERSIGHT_PICTURES=docs $(BIN)/python -m pytest tests/test_browser_reading_room.py -k pictures

lock: ## pin the dependencies anew (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade requirements/run.in -o requirements/run.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header requirements/browser.in -c requirements/run.txt -o requirements/browser.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header requirements/ocr.in -c requirements/run.txt -o requirements/ocr.txt
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

interop: .venv/test .venv-interop/ready $(if $(shell command -v npm),.venv-interop/replayweb) ## other programs check, index and replay what we write (pywb, ReplayWeb.page, validators)
	$(BIN)/python -m pytest -s -m soak --timeout 0 tests/test_interop.py tests/test_interop_exports.py tests/test_memento_clients.py

sbom: .venv/run ## what the program is made of, by digest: build/sbom.cdx.json (CycloneDX)
	@mkdir -p build
	$(BIN)/python -m requirements.sbom > build/sbom.cdx.json

clean: ## remove the virtual environments and the demo's archive
	rm -rf .venv .venv-interop data/demo
