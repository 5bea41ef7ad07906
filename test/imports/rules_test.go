package imports_test

// rule says which packages of ours a package may import; tests are free. Patterns end in /... for everything below.
type rule struct {
	pkg     string
	imports []string
	why     string
}

var rules = []rule{
	{"engine/rel", nil, "the algebra is what all others talk in; it must not know who they are"},
	{"engine/sqlerr", nil, "an error can be raised anywhere"},
	{"engine/dialect", []string{"engine/rel"}, "a dialect only turns algebra into text"},
	{"engine/bind", []string{"engine/rel", "engine/sqlerr"}, "binding asks for tables and variables through interfaces, so that it can be tested without any"},
	{"engine/lineage", []string{"engine/rel", "engine/bind"}, "lineage is a matter of the bound statement: it needs neither a plan nor a site"},
	{"engine/lineage/openlineage", []string{"engine/rel", "engine/bind", "engine/lineage"}, "telling others must not be able to touch a statement: it gets what is to be told and nothing else"},
	{"engine/plan", []string{"engine/rel", "engine/dialect", "engine/sqlerr"}, "a plan depends on what sites can do, not on what they are: it never contacts one"},
	{"engine/duck", []string{"engine/rel", "engine/sqlerr", "engine/duck/...", "sources"}, "the embedded engine is a site, not a planner"},
	{"engine/duck/...", nil, "as engine/duck, of which it is a part"},
	{"engine/exec", []string{"engine/rel", "engine/dialect", "engine/plan", "engine/duck", "engine/sqlerr", "sources"}, "running a plan needs no names and no rights: both were settled by it"},
	{"engine/system", []string{"engine/rel", "engine/dialect", "engine/sqlerr", "policy", "policy/account", "policy/audit", "sources"}, "a source whose system is Weir: it knows who asks, and nothing of statements"},
	{"engine/gms", []string{"engine/rel", "engine/sqlerr", "engine/bind", "sources"}, "listings are answered from the catalog's memory; rows of sources are read by engine alone"},
	{"engine", []string{"engine/...", "catalog", "catalog/config", "policy", "policy/pseudonym", "sources"}, "one statement from text to batches"},
	{"sources", []string{"engine/rel", "engine/dialect"}, "the contract of a source: what it can do and what rows it gives"},
	{"sources/sourcetest", []string{"engine/...", "sources", "policy"}, "the suite drives any source as the engine would"},
	{"sources/all", []string{"sources/..."}, "the one list of kinds"},
	{"sources/*", []string{"engine/rel", "engine/dialect", "sources"}, "a kind knows its own system and no other kind"},
	{"catalog", []string{"catalog/config", "engine/sqlerr", "sources"}, "what databases there are doesn't depend on how statements run"},
	{"catalog/state", nil, "what is kept is told by those who keep it; the store knows rows and versions"},
	{"catalog/config", []string{"sources"}, "the configuration knows the kinds' keys and nothing else"},
	{"policy", []string{"engine/rel", "sources", "catalog/config", "policy/pseudonym"}, "what a principal may see doesn't depend on the statement"},
	{"policy/account", []string{"catalog/state", "engine/sqlerr", "policy"}, "who may log in and what has been granted doesn't depend on how a client comes in"},
	{"policy/pseudonym", nil, "keys and what is made with them know nothing of plans; other packages take them as interfaces"},
	{"policy/suggest", []string{"engine/rel"}, "a guess about a column needs its type and nothing of the sources"},
	{"server/mysql/accountsql", []string{"engine/sqlerr", "policy/account"}, "a statement about accounts is told in the words of accounts"},
	{"server/mysql", []string{"engine/bind", "engine/gms", "engine/rel", "engine/sqlerr", "policy", "policy/account", "policy/audit", "server/login", "server/mysql/accountsql", "sources"}, "a front door speaks a protocol; the engine is behind an interface of its own, so that it can be tested without one"},
	{"server/login", nil, "asking other systems who somebody is needs nothing of this one"},
	{"server/login/logintest", nil, "what logins need of others, for tests"},
	{"policy/audit", nil, "records are kept and chained without knowing what a statement is"},
	{"server/http", nil, "health and metrics look, they don't act: they are told what there is to show"},
	{"cmd/weir", []string{"..."}, "wiring sees everything"},
	{"cmd/weir/...", nil, "parts of a command that know nothing of the server"},
	{"test/...", []string{"..."}, "tests see everything"},
}

// owners are the only packages that may import a module. Tests may import those that have a use in tests: a parser, or the driver of a
// database that results are compared with.
var owners = []struct {
	module  string
	inTests bool
	pkgs    []string
	why     string
}{
	{"github.com/duckdb/duckdb-go", false, []string{"engine/duck"}, "an Arrow view is global to the database and points into Go memory: one package keeps that safe"},
	{"github.com/dolthub/go-mysql-server", false, []string{"engine/gms"}, "its answers are often wrong: it answers listings, and nothing about a source's rows"},
	{"github.com/dolthub/vitess", true, []string{"engine/bind", "engine/gms", "engine", "server/mysql", "sources/sourcetest", "test/..."}, "the parser's trees end where binding ends; the wire protocol is the front door's"},
	{"github.com/jackc/pgx", true, []string{"sources/postgres", "catalog/state", "test/..."}, "a driver belongs to its kind, and to the state store"},
	{"modernc.org/sqlite", false, []string{"catalog/state"}, "database/sql's driver is for the state store; sources read through zombiezen.com/go/sqlite"},
	{"github.com/pressly/goose", false, []string{"catalog/state"}, "one package migrates"},
	{"github.com/go-sql-driver/mysql", true, []string{"sources/mysql", "cmd/weir", "sources/sourcetest", "test/..."}, "a driver belongs to its kind; elsewhere it is a client of Weir itself"},
	{"zombiezen.com/go/sqlite", true, []string{"sources/sqlite", "cmd/weir/...", "test/..."}, "a driver belongs to its kind; the demo makes its databases with it"},
	{"github.com/golang-jwt/jwt", true, []string{"server/login", "server/login/logintest"}, "one package verifies tokens"},
	{"github.com/MicahParks/jwkset", true, []string{"server/login", "server/login/logintest"}, "one package verifies tokens"},
	{"github.com/go-ldap/ldap", true, []string{"server/login"}, "one package asks directories"},
	{"github.com/jimlambrt/gldap", true, []string{"server/login/logintest"}, "a directory for tests, linked into no program"},
	{"github.com/hashicorp/go-retryablehttp", false, []string{"engine/lineage/openlineage"}, "nobody else sends what may be sent twice"},
	{"github.com/spf13/cobra", false, []string{"cmd/weir"}, "flags are the command's"},
	{"go.yaml.in/yaml", true, []string{"catalog/config", "cmd/weir"}, "one package reads weir.yaml"},
	{"github.com/prometheus", true, []string{"server/http", "cmd/weir"}, "parts report through interfaces of their own; one place names the metrics"},
}

// scanMakers may write a rel.Scan literal; everybody else asks policy.Scan, so that masks and row filters can't be gone round.
var scanMakers = map[string]string{
	"policy":      "the door itself",
	"engine/plan": "rewrites a scan that came through the door, never with more columns",
}
