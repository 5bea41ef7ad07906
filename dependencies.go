//go:build deps

// Package weir keeps modules in go.mod that are decided on and not imported yet, so that their versions are settled and checked with the others.
// It is never built.
package weir

import (
	_ "github.com/dgraph-io/ristretto/v2"
	_ "github.com/duckdb/duckdb-go/v2"
	_ "github.com/microsoft/go-mssqldb"
	_ "github.com/sijms/go-ora/v2"
)
