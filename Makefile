# Weir needs two build tags: Arrow in the DuckDB driver, and the pure-Go regular expressions of go-mysql-server.
TAGS := duckdb_arrow,gms_pure_go

build:
	go build -tags $(TAGS) -o bin/weir ./cmd/weir

test:
	go test -tags $(TAGS) ./...

.PHONY: build test
