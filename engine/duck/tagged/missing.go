//go:build !(duckdb_arrow && gms_pure_go)

package tagged

var _ int = "build tags are missing: use `make build`, or go build -tags duckdb_arrow,gms_pure_go ./cmd/weir"
