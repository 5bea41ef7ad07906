# Weir needs two build tags: Arrow in the DuckDB driver, and the pure-Go regular expressions of go-mysql-server.
TAGS := duckdb_arrow,gms_pure_go
GO   := go
PKGS := ./...
# Tests share one PostgreSQL and one MariaDB, which this command starts and stops; it says what to install if one is missing.
WITH_SERVERS := $(GO) run -tags $(TAGS) ./test/realservers/cmd/with-servers
# A test that skips fails the run, but for those that test/noskip lists.
NOSKIP := $(GO) run -tags $(TAGS) ./test/noskip
FUZZTIME := 30s

.DEFAULT_GOAL := help
.PHONY: help build test race bench demo lint vet staticcheck golangci fuzz schema docs clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build bin/weir
	$(GO) build -tags $(TAGS) -o bin/weir ./cmd/weir

test: ## run every test, against real servers too
	$(WITH_SERVERS) $(NOSKIP) $(GO) test -tags $(TAGS) -timeout 20m $(PKGS)

race: ## run every test under the race detector
	$(WITH_SERVERS) $(NOSKIP) $(GO) test -race -tags $(TAGS) -timeout 60m $(PKGS)

bench: ## run the federated TPC-H statements beside the peers, and with a policy beside none
	$(GO) run -tags $(TAGS) ./test/bench $(BENCHFLAGS)

demo: build ## three demo systems, one federated statement, then a server to play with
	./bin/weir demo

lint: vet staticcheck golangci ## run all linters

vet: ## go vet
	$(GO) vet -tags $(TAGS) $(PKGS)

staticcheck: ## staticcheck
	$(GO) run honnef.co/go/tools/cmd/staticcheck@$(STATICCHECK) -tags $(TAGS) $(PKGS)

golangci: ## golangci-lint, as .golangci.yml has it
	$(GO) run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI) run --build-tags $(TAGS) $(PKGS)

STATICCHECK := v0.8.2
GOLANGCI    := v2.15.0

fuzz: ## run each fuzzer for FUZZTIME
	@for pkg in $$($(GO) list -tags $(TAGS) $(PKGS)); do \
	  for fuzzer in $$($(GO) test -tags $(TAGS) -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
	    echo "$$pkg $$fuzzer"; \
	    $(GO) test -tags $(TAGS) -run '^$$' -fuzz "^$$fuzzer$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 5s $$pkg || exit 1; \
	  done; \
	done

schema: ## write docs/weir.schema.json from the Go types
	$(GO) run -tags $(TAGS) ./cmd/weir schema > docs/weir.schema.json.new && mv docs/weir.schema.json.new docs/weir.schema.json

docs: ## check that the documentation is true
	$(GO) test -tags $(TAGS) ./test/docs ./test/imports

clean: ## remove what was built
	rm -rf bin
