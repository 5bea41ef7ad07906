package gms

import (
	"fmt"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/types"
	_ "github.com/dolthub/go-mysql-server/sql/variables" // fills sql.SystemVariables
)

// SystemVariable is the default of a MySQL system variable that Weir gives no meaning to: nil, string, int64, uint64 or float64.
func SystemVariable(name string) (any, bool) {
	_, v, ok := sql.SystemVariables.GetGlobal(name)
	if !ok {
		return nil, false
	}
	return plain(v), true
}

// plain makes one of few types of a variable's value.
func plain(v any) any {
	switch v := v.(type) {
	case nil, string, int64, uint64, float64:
		return v
	case bool:
		if v {
			return int64(1)
		}
		return int64(0)
	case int, int8, int16, int32:
		var n int64
		_, _ = fmt.Sscan(fmt.Sprint(v), &n)
		return n
	case uint, uint8, uint16, uint32:
		var n uint64
		_, _ = fmt.Sscan(fmt.Sprint(v), &n)
		return n
	}
	return fmt.Sprint(v)
}

// allVariables are the session's variables as SHOW VARIABLES has them.
func allVariables(s *Session) map[string]string {
	out := map[string]string{}
	for name, v := range sql.SystemVariables.GetAllGlobalVariables() {
		if sv, _, ok := sql.SystemVariables.GetGlobal(name); ok && isBool(sv.GetType()) {
			out[name] = onOff(plain(v))
			continue
		}
		out[name] = shown(v)
	}
	for name, v := range s.variables.Variables() {
		out[name] = shown(v)
	}
	return out
}

func isBool(t sql.Type) bool {
	_, ok := t.(types.SystemBoolType)
	return ok
}

func onOff(v any) string {
	if v == int64(1) || v == "ON" {
		return "ON"
	}
	return "OFF"
}

func shown(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(plain(v))
}
