package account

import (
	"strings"

	"weir/engine/sqlerr"
)

// MySQL's codes for what goes wrong with accounts.
var (
	codeDeniedDatabase = sqlerr.Kind{Code: 1044, State: "42000"}
	codeDenied         = sqlerr.Kind{Code: 1045, State: "28000"}
	codeUnavailable    = sqlerr.Kind{Code: 1105, State: "HY000"}
	codeNoGrant        = sqlerr.Kind{Code: 1141, State: "42000"}
	codeDeniedTable    = sqlerr.Kind{Code: 1142, State: "42000"}
	codeIllegalGrant   = sqlerr.Kind{Code: 1144, State: "42000"}
	codeNoTableGrant   = sqlerr.Kind{Code: 1147, State: "42000"}
	codeSpecificDenied = sqlerr.Kind{Code: 1227, State: "42000"}
	codeRevokeAll      = sqlerr.Kind{Code: 1269, State: "HY000"}
	codeCannotUser     = sqlerr.Kind{Code: 1396, State: "HY000"}
	codeNoSuchUser     = sqlerr.Kind{Code: 1410, State: "42000"}
	codeNoPlugin       = sqlerr.Kind{Code: 1524, State: "HY000"}
	codeWeakPassword   = sqlerr.Kind{Code: 1819, State: "HY000"}
	codeUnknownRole    = sqlerr.Kind{Code: 3523, State: "HY000"}
	codeRoleNotGranted = sqlerr.Kind{Code: 3530, State: "HY000"}
	codeRenameRole     = sqlerr.Kind{Code: 3532, State: "HY000"}
	codeWrongPassword  = sqlerr.Kind{Code: 3892, State: "HY000"}
	codeAttributes     = sqlerr.Kind{Code: 3982, State: "HY000"}
	codeRoleLoop       = sqlerr.Kind{Code: 4027, State: "HY000"}
)

// Codes of the notes that IF EXISTS and IF NOT EXISTS leave.
const (
	noteMissing = 3162
	noteExists  = 3163
)

// Note is something that a statement has to say although it succeeded.
type Note struct {
	Code uint16
	Text string
}

// needsAdmin is the error of a statement that only the role Admin may run; privilege is what MySQL would ask for.
func needsAdmin(privilege string) error {
	return codeSpecificDenied.New("Access denied; you need (at least one of) the %s privilege(s) for this operation: in Weir, the active role %s", privilege, Admin)
}

// failed is MySQL's error of an operation that can't be done with some accounts. why may be empty.
func failed(operation string, names []string, why string) error {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = "'" + clip(n) + "'@'%'"
	}
	if why != "" {
		why = ": " + why
	}
	return codeCannotUser.New("Operation %s failed for %s%s", operation, strings.Join(quoted, ","), why)
}

// id is an account or a role as MySQL writes it where both may stand.
func id(name string) string { return quoteName(clip(name)) + "@`%`" }

func quoteName(s string) string { return "`" + strings.ReplaceAll(s, "`", "``") + "`" }

// clip bounds a name that somebody has typed.
func clip(s string) string {
	if len(s) > 64 {
		return s[:64] + "…"
	}
	return s
}
