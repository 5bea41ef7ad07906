package gms

import (
	"strings"

	"github.com/dolthub/go-mysql-server/sql"

	"weir/engine/rel"
	"weir/engine/sqlerr"
)

// Function implements sql.FunctionProvider, which the row engine asks before its own functions: those that aren't offered are refused
// here. They are offered by name, since the row engine's own include some that read this machine's files (LOAD_FILE), hold a statement
// (SLEEP, GET_LOCK), or make a text of any length by a number (REPEAT), for which it keeps to no limit of memory.
func (provider) Function(_ *sql.Context, _, name string) (sql.Function, bool) {
	name = strings.ToLower(name)
	if offered[name] || rel.Functions[rel.Op(name)] != nil && !lengthening[name] {
		return nil, false
	}
	refuse := func(*sql.Context, ...sql.Expression) (sql.Expression, error) {
		return nil, sqlerr.Unsupported.New("This version of Weir doesn't yet support %s() in a statement over information_schema", strings.ToUpper(name))
	}
	return sql.FunctionN{Name: name, Fn: refuse}, true
}

// lengthening are functions whose result can be far longer than what they are given.
var lengthening = map[string]bool{"repeat": true, "space": true, "lpad": true, "rpad": true}

// offered are functions beside those that the engine has under the same name.
var offered = names(`
 substring mid octet_length character_length lcase ucase ceiling power sha json_merge instr bin oct mod if ifnull nullif coalesce isnull pi any_value
 database schema user session_user system_user current_user current_role connection_id version last_insert_id row_count found_rows charset
 coercibility collation values
 now current_timestamp localtime localtimestamp sysdate utc_timestamp curdate current_date utc_date curtime current_time utc_time
 date time timestamp datetime year quarter month day dayofmonth hour minute second microsecond weekofyear extract adddate subdate date_add date_sub
 timestampadd get_format
 count sum avg min max std stddev stddev_pop stddev_samp variance var_pop var_samp bit_and bit_or bit_xor group_concat json_arrayagg json_objectagg
 row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value`)

func names(list string) map[string]bool {
	out := map[string]bool{}
	for _, n := range strings.Fields(list) {
		out[n] = true
	}
	return out
}
