package main

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"

	"weir/test/realservers"
)

// sources are the three loaded databases.
type sources struct {
	postgres       string // a postgres:// URL
	crm, inventory string // go-sql-driver addresses
	scale          string
	closers        []func()
}

func (s *sources) close() {
	for i := len(s.closers) - 1; i >= 0; i-- {
		s.closers[i]()
	}
}

// versions names the servers and their versions.
func (s *sources) versions(ctx context.Context) (string, error) {
	pg, err := pgx.Connect(ctx, s.postgres)
	if err != nil {
		return "", err
	}
	defer pg.Close(ctx)
	my, err := sql.Open("mysql", s.crm)
	if err != nil {
		return "", err
	}
	defer my.Close()
	var p, m string
	if err := pg.QueryRow(ctx, "SHOW server_version").Scan(&p); err != nil {
		return "", err
	}
	if err := my.QueryRowContext(ctx, "SELECT version()").Scan(&m); err != nil {
		return "", err
	}
	p, _, _ = strings.Cut(p, " ")
	m, _, _ = strings.Cut(m, "-")
	return "PostgreSQL " + p + " and MariaDB " + m, nil
}

// openSources takes the databases that the flags name, or starts servers and loads them.
func openSources(ctx context.Context, o *options) (*sources, error) {
	s := &sources{postgres: o.postgres, crm: o.crm, inventory: o.inventory, scale: o.scale}
	if s.postgres != "" && s.crm != "" && s.inventory != "" {
		return s, nil
	}
	if s.postgres+s.crm+s.inventory != "" {
		return nil, fmt.Errorf("give all of -postgres, -crm and -inventory, or none")
	}
	if err := s.start(ctx); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *sources) start(ctx context.Context) error {
	pg, err := realservers.StartPostgres(ctx)
	if err != nil {
		return err
	}
	s.closers = append(s.closers, pg.Stop)
	my, err := realservers.StartMariaDB(ctx)
	if err != nil {
		return err
	}
	s.closers = append(s.closers, my.Stop)
	dir, err := os.MkdirTemp("", "weir-bench")
	if err != nil {
		return err
	}
	s.closers = append(s.closers, func() { os.RemoveAll(dir) })
	if err := generate(ctx, dir, s.scale); err != nil {
		return err
	}
	fmt.Println("loading TPC-H into PostgreSQL and MariaDB")
	if s.postgres, err = loadPostgres(ctx, pg.Address, dir); err != nil {
		return err
	}
	if s.crm, err = loadMariaDB(ctx, my.Address, "crm", dir, crmTables); err != nil {
		return err
	}
	s.inventory, err = loadMariaDB(ctx, my.Address, "inventory", dir, inventoryTables)
	return err
}

// generate makes the CSV files with tpchgen-cli, which pip has.
func generate(ctx context.Context, dir, scale string) error {
	tool, err := exec.LookPath("tpchgen-cli")
	if err != nil {
		return fmt.Errorf("tpchgen-cli makes the data and is not there: pip install tpchgen-cli")
	}
	out, err := exec.CommandContext(ctx, tool, "csv", "-s", scale, "--output-dir", dir).CombinedOutput()
	if err != nil {
		return fmt.Errorf("making TPC-H data: %w: %s", err, out)
	}
	return nil
}

// table is a TPC-H table: its columns as both systems take them, and its primary key.
type table struct{ name, columns, key string }

var (
	erpTables = []table{
		{"orders", "o_orderkey bigint not null, o_custkey bigint not null, o_orderstatus char(1) not null, o_totalprice numeric(15,2) not null, o_orderdate date not null, " +
			"o_orderpriority varchar(15) not null, o_clerk varchar(15) not null, o_shippriority int not null, o_comment varchar(79) not null", "o_orderkey"},
		{"lineitem", "l_orderkey bigint not null, l_partkey bigint not null, l_suppkey bigint not null, l_linenumber int not null, l_quantity numeric(15,2) not null, " +
			"l_extendedprice numeric(15,2) not null, l_discount numeric(15,2) not null, l_tax numeric(15,2) not null, l_returnflag char(1) not null, " +
			"l_linestatus char(1) not null, l_shipdate date not null, l_commitdate date not null, l_receiptdate date not null, l_shipinstruct varchar(25) not null, " +
			"l_shipmode varchar(10) not null, l_comment varchar(44) not null", "l_orderkey, l_linenumber"},
	}
	crmTables = []table{
		{"customer", "c_custkey bigint not null, c_name varchar(25) not null, c_address varchar(40) not null, c_nationkey int not null, c_phone varchar(15) not null, " +
			"c_acctbal decimal(15,2) not null, c_mktsegment varchar(10) not null, c_comment varchar(117) not null", "c_custkey"},
		{"nation", "n_nationkey int not null, n_name varchar(25) not null, n_regionkey int not null, n_comment varchar(152)", "n_nationkey"},
		{"region", "r_regionkey int not null, r_name varchar(25) not null, r_comment varchar(152)", "r_regionkey"},
	}
	inventoryTables = []table{
		{"part", "p_partkey bigint not null, p_name varchar(55) not null, p_mfgr varchar(25) not null, p_brand varchar(10) not null, p_type varchar(25) not null, " +
			"p_size int not null, p_container varchar(10) not null, p_retailprice decimal(15,2) not null, p_comment varchar(23) not null", "p_partkey"},
		{"supplier", "s_suppkey bigint not null, s_name varchar(25) not null, s_address varchar(40) not null, s_nationkey int not null, s_phone varchar(15) not null, " +
			"s_acctbal decimal(15,2) not null, s_comment varchar(101) not null", "s_suppkey"},
		{"partsupp", "ps_partkey bigint not null, ps_suppkey bigint not null, ps_availqty int not null, ps_supplycost decimal(15,2) not null, " +
			"ps_comment varchar(199) not null", "ps_partkey, ps_suppkey"},
	}
)

func loadPostgres(ctx context.Context, address, dir string) (string, error) {
	admin, err := pgx.Connect(ctx, address)
	if err != nil {
		return "", err
	}
	_, err = admin.Exec(ctx, "CREATE DATABASE erp")
	admin.Close(ctx)
	if err != nil {
		return "", err
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	u.Path = "/erp"
	c, err := pgx.Connect(ctx, u.String())
	if err != nil {
		return "", err
	}
	defer c.Close(ctx)
	for _, t := range erpTables {
		if _, err := c.Exec(ctx, "CREATE TABLE "+t.name+" ("+t.columns+")"); err != nil {
			return "", err
		}
		f, err := os.Open(filepath.Join(dir, t.name+".csv"))
		if err != nil {
			return "", err
		}
		_, err = c.PgConn().CopyFrom(ctx, f, "COPY "+t.name+" FROM STDIN (FORMAT csv, HEADER)")
		f.Close()
		if err != nil {
			return "", fmt.Errorf("loading %s: %w", t.name, err)
		}
		if _, err := c.Exec(ctx, "ALTER TABLE "+t.name+" ADD PRIMARY KEY ("+t.key+")"); err != nil {
			return "", err
		}
	}
	for _, q := range []string{
		"CREATE INDEX ON orders (o_custkey)", "CREATE INDEX ON lineitem (l_partkey, l_suppkey)", "VACUUM ANALYZE",
		"ALTER SYSTEM SET work_mem = '64MB'", "SELECT pg_reload_conf()", // an analyst's server, not one of 1995
	} {
		if _, err := c.Exec(ctx, q); err != nil {
			return "", err
		}
	}
	return u.String(), nil
}

func loadMariaDB(ctx context.Context, address, database, dir string, tables []table) (string, error) {
	cfg, err := mysql.ParseDSN(address)
	if err != nil {
		return "", err
	}
	db, err := sql.Open("mysql", address)
	if err != nil {
		return "", err
	}
	defer db.Close()
	for _, q := range []string{
		// The collation that MariaDB has of itself: it ignores case and trailing blanks, as most systems that Weir reads do.
		"CREATE DATABASE " + database + " CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
		"SET GLOBAL innodb_buffer_pool_size = 2147483648",
	} {
		if _, err := db.ExecContext(ctx, q); err != nil {
			return "", fmt.Errorf("preparing %s: %w", database, err)
		}
	}
	for _, t := range tables {
		file := filepath.Join(dir, t.name+".csv")
		mysql.RegisterLocalFile(file)
		name := database + "." + t.name
		for _, q := range []string{
			"CREATE TABLE " + name + " (" + t.columns + ", PRIMARY KEY (" + t.key + "))",
			"LOAD DATA LOCAL INFILE '" + file + "' INTO TABLE " + name + " FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\"' IGNORE 1 LINES",
			"ANALYZE TABLE " + name,
		} {
			if _, err := db.ExecContext(ctx, q); err != nil {
				return "", fmt.Errorf("loading %s: %w", name, err)
			}
		}
	}
	cfg.DBName = database
	return cfg.FormatDSN(), nil
}

// keyValues writes the address of a database as the DuckDB scanners take it.
func keyValues(host, user, password, database, databaseKey string) string {
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		name, port = host, ""
	}
	out := []string{"host=" + name, databaseKey + "=" + database, "user=" + user}
	if port != "" {
		out = append(out, "port="+port)
	}
	if password != "" {
		out = append(out, "password="+password)
	}
	return strings.Join(out, " ")
}

// scannerAddresses are the databases as the DuckDB scanners take them.
func (s *sources) scannerAddresses() (postgres, crm, inventory string, err error) {
	u, err := url.Parse(s.postgres)
	if err != nil {
		return "", "", "", err
	}
	password, _ := u.User.Password()
	postgres = keyValues(u.Host, u.User.Username(), password, strings.TrimPrefix(u.Path, "/"), "dbname")
	var out [2]string
	for i, dsn := range []string{s.crm, s.inventory} {
		cfg, err := mysql.ParseDSN(dsn)
		if err != nil {
			return "", "", "", err
		}
		out[i] = keyValues(cfg.Addr, cfg.User, cfg.Passwd, cfg.DBName, "database")
	}
	return postgres, out[0], out[1], nil
}
