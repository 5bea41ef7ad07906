//go:build deps

package weir

import (
	_ "github.com/apache/arrow-go/v18/arrow"
	_ "github.com/dgraph-io/ristretto/v2"
	_ "github.com/dolthub/go-mysql-server/server"
	_ "github.com/dolthub/vitess/go/mysql"
	_ "github.com/duckdb/duckdb-go/v2"
	_ "github.com/go-sql-driver/mysql"
	_ "github.com/invopop/jsonschema"
	_ "github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/microsoft/go-mssqldb"
	_ "github.com/prometheus/client_golang/prometheus/promhttp"
	_ "github.com/sijms/go-ora/v2"
	_ "github.com/spf13/cobra"
	_ "go.uber.org/goleak"
	_ "go.yaml.in/yaml/v4"
	_ "golang.org/x/sync/errgroup"
	_ "zombiezen.com/go/sqlite"
)
