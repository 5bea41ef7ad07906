package mysql

import (
	"strconv"
	"strings"
	"time"

	"github.com/dolthub/vitess/go/vt/sqlparser"
)

// timeHint is the limit that a statement sets itself with /*+ MAX_EXECUTION_TIME(milliseconds) */ after its first SELECT. ok is
// false without such a hint; a limit of 0 lifts the session's.
func timeHint(stmt sqlparser.Statement) (limit time.Duration, ok bool) {
	if e, isExplain := stmt.(*sqlparser.Explain); isExplain {
		stmt = e.Statement
	}
	for {
		switch s := stmt.(type) {
		case *sqlparser.Select:
			for _, c := range s.Comments {
				if limit, ok := parseTimeHint(string(c)); ok {
					return limit, true
				}
			}
			return 0, false
		case *sqlparser.SetOp:
			stmt = s.Left
		case *sqlparser.ParenSelect:
			stmt = s.Select
		default:
			return 0, false
		}
	}
}

// parseTimeHint reads a comment. Other hints in it are passed over; what isn't well formed counts as no hint, as in MySQL.
func parseTimeHint(comment string) (time.Duration, bool) {
	body, ok := strings.CutPrefix(comment, "/*+")
	if !ok {
		return 0, false
	}
	body, ok = strings.CutSuffix(body, "*/")
	if !ok {
		return 0, false
	}
	for body != "" {
		name, rest, ok := strings.Cut(body, "(")
		if !ok {
			return 0, false
		}
		argument, after, ok := strings.Cut(rest, ")")
		if !ok {
			return 0, false
		}
		if fields := strings.Fields(name); len(fields) > 0 && strings.EqualFold(fields[len(fields)-1], "MAX_EXECUTION_TIME") {
			ms, err := strconv.ParseUint(strings.TrimSpace(argument), 10, 32)
			return time.Duration(ms) * time.Millisecond, err == nil
		}
		body = after
	}
	return 0, false
}
