package mysql

import (
	"os"
	"strings"
	"time"

	"weir/engine/gms"
	"weir/engine/rel"
)

// kind is the type of a system variable.
type kind uint8

const (
	kindText kind = iota
	kindInt
	kindBool // 0 and 1 as a value, OFF and ON in SHOW VARIABLES
)

// variable is a system variable that Weir answers itself; all others have go-mysql-server's names and defaults, and can be set without
// effect.
type variable struct {
	kind     kind
	value    any // string, int64 or uint64: the default
	readOnly bool
	// get gives the value where it is not the default or what was set.
	get func(c *conn) any
	// set checks a new value, and may change it and act on it.
	set func(c *conn, v *rel.Lit) (*rel.Lit, error)
}

const (
	defaultSQLMode   = "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
	defaultCharset   = "utf8mb4"
	defaultCollation = "utf8mb4_0900_bin"
	maxPacket        = int64(64 << 20)
)

var hostname = sysHostname()

func sysHostname() string {
	name, err := os.Hostname()
	if err != nil {
		return "localhost"
	}
	return name
}

// systemVariables are the variables that drivers and BI tools ask for and that say something of Weir.
var systemVariables map[string]*variable

func init() {
	text := func(v string) *variable { return &variable{kind: kindText, value: v} }
	fixed := func(v string) *variable { return &variable{kind: kindText, value: v, readOnly: true} }
	number := func(v int64) *variable { return &variable{kind: kindInt, value: v} }
	constant := func(v int64) *variable { return &variable{kind: kindInt, value: v, readOnly: true} }
	flag := func(v int64) *variable { return &variable{kind: kindBool, value: v} }
	is := func(v int64) *variable { return &variable{kind: kindBool, value: v, readOnly: true} }
	systemVariables = map[string]*variable{
		"version":                 fixed(Version),
		"version_comment":         fixed("Weir"),
		"version_compile_os":      fixed("Linux"),
		"version_compile_machine": fixed("x86_64"),
		"innodb_version":          fixed(Version),
		"protocol_version":        constant(10),
		"license":                 fixed("GPL"),
		"hostname":                fixed(hostname),
		"socket":                  fixed(""),
		"init_connect":            fixed(""),
		"lower_case_table_names":  constant(0),
		"lower_case_file_system":  is(0),
		"read_only":               is(1),
		"super_read_only":         is(1),
		"performance_schema":      is(0),
		"have_ssl":                fixed("YES"),
		"have_openssl":            fixed("YES"),
		"have_query_cache":        fixed("NO"),
		"have_profiling":          fixed("NO"),
		"query_cache_size":        constant(0),
		"query_cache_type":        fixed("OFF"),
		"system_time_zone":        fixed("UTC"),
		"character_set_system":    fixed("utf8mb3"),

		"sql_mode":                 {kind: kindText, value: defaultSQLMode, set: setMode},
		"max_allowed_packet":       number(maxPacket),
		"net_buffer_length":        number(16384),
		"net_write_timeout":        {kind: kindInt, value: int64(defaultWrite / time.Second), set: setWriteTimeout},
		"net_read_timeout":         number(30),
		"wait_timeout":             {kind: kindInt, value: int64(defaultIdle / time.Second), set: setIdleTimeout},
		"interactive_timeout":      number(int64(defaultIdle / time.Second)),
		"max_execution_time":       {kind: kindInt, value: int64(0), get: maxExecutionTime},
		"time_zone":                {kind: kindText, value: "SYSTEM", set: setTimeZone},
		"autocommit":               {kind: kindBool, value: int64(1), set: setAutocommit},
		"transaction_isolation":    text("REPEATABLE-READ"),
		"tx_isolation":             text("REPEATABLE-READ"),
		"transaction_read_only":    flag(0),
		"tx_read_only":             flag(0),
		"character_set_client":     text(defaultCharset),
		"character_set_connection": text(defaultCharset),
		"character_set_results":    text(defaultCharset),
		"character_set_server":     text(defaultCharset),
		"character_set_database":   text(defaultCharset),
		"collation_connection":     text(defaultCollation),
		"collation_server":         text(defaultCollation),
		"collation_database":       text(defaultCollation),
		"sql_select_limit":         {kind: kindInt, value: ^uint64(0)},
		"cte_max_recursion_depth":  number(1000),
		"sql_safe_updates":         flag(0),
		"sql_auto_is_null":         flag(0),
		"sql_big_selects":          flag(1),
		"sql_quote_show_create":    flag(1),
		"sql_notes":                flag(1),
		"sql_warnings":             flag(0),
		"foreign_key_checks":       flag(1),
		"unique_checks":            flag(1),
		"profiling":                flag(0),
		"auto_increment_increment": number(1),
		"auto_increment_offset":    number(1),
		"group_concat_max_len":     number(1024),
		"div_precision_increment":  number(4),
		"default_week_format":      number(0),
		"lc_time_names":            text("en_US"),
		"optimizer_switch":         text(""),
		"ft_min_word_len":          constant(4),
		"default_storage_engine":   text("Weir"),
		"weir_pushdown":            {kind: kindBool, value: int64(1)},
		"last_insert_id":           number(0),
		"identity":                 number(0),
		"warning_count":            {kind: kindInt, readOnly: true, get: func(c *conn) any { return int64(c.warningCount()) }},
		"error_count":              constant(0),
		"require_secure_transport": {kind: kindBool, readOnly: true, get: func(c *conn) any { return boolean(c.s.cfg.RequireSecureTransport) }},
		"port":                     {kind: kindInt, readOnly: true, get: func(c *conn) any { return int64(portOf(c.s.Addr())) }},
		"max_connections":          {kind: kindInt, readOnly: true, get: func(c *conn) any { return int64(c.s.cfg.MaxConnections) }},
		"pseudo_thread_id":         {kind: kindInt, readOnly: true, get: func(c *conn) any { return int64(c.id) }},
	}
}

func boolean(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// literal makes a constant of a variable's value.
func literal(k kind, v any) *rel.Lit {
	switch v := v.(type) {
	case nil:
		return &rel.Lit{T: rel.NullType}
	case string:
		return textLiteral(v)
	case uint64:
		return &rel.Lit{Value: v, T: notNull(rel.UBigIntType)}
	case float64:
		return &rel.Lit{Value: v, T: notNull(rel.DoubleType)}
	case int64:
		return &rel.Lit{Value: v, T: notNull(rel.BigIntType)}
	}
	return &rel.Lit{T: rel.NullType}
}

func notNull(t rel.Type) rel.Type { t.NotNull = true; return t }

func textLiteral(s string) *rel.Lit {
	return &rel.Lit{Value: s, T: notNull(rel.VarCharType(len([]rune(s))))}
}

// SystemVariable is the value of @@name, @@session.name or @@global.name.
func (c *conn) SystemVariable(scope, name string) (*rel.Lit, bool) {
	name = strings.ToLower(name)
	known, ours := systemVariables[name]
	if !strings.EqualFold(scope, "global") {
		c.mu.Lock()
		v, set := c.variables[name]
		c.mu.Unlock()
		if set {
			return v, true
		}
	}
	if ours {
		if known.get != nil {
			return literal(known.kind, known.get(c)), true
		}
		return literal(known.kind, known.value), true
	}
	v, ok := gms.SystemVariable(name)
	if !ok {
		return nil, false
	}
	return literal(kindText, v), true
}

// Variables are the session's values that differ from the row engine's own, for SHOW VARIABLES.
func (c *conn) Variables() map[string]any {
	out := make(map[string]any, len(systemVariables))
	for name, v := range systemVariables {
		lit, _ := c.SystemVariable("session", name)
		out[name] = shown(v.kind, lit)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for name, lit := range c.variables {
		if _, ours := systemVariables[name]; !ours {
			out[name] = lit.Value
		}
	}
	return out
}

// shown is a value as SHOW VARIABLES has it.
func shown(k kind, l *rel.Lit) any {
	if k == kindBool {
		if l.Value == int64(1) {
			return "ON"
		}
		return "OFF"
	}
	return l.Value
}

// maxExecutionTime is the session's default time limit in milliseconds.
func maxExecutionTime(c *conn) any { return c.s.cfg.MaxExecutionTime.Milliseconds() }

func (c *conn) warningCount() uint16 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return uint16(min(len(c.warnings), 65535))
}
