package accountsql

import "weir/policy/account"

// Statement is one of the types below. An empty name of an account is that of the session's user.
type Statement interface{ statement() }

// The statements.
type (
	CreateUser struct {
		Users   []account.User
		Options account.Options
		Unless  bool // IF NOT EXISTS
	}
	// AlterUser is SET PASSWORD, too.
	AlterUser struct {
		Users    []account.User
		Options  account.Options
		IfExists bool
	}
	DropUser struct {
		Names    []string
		IfExists bool
	}
	RenameUser struct{ Pairs []account.Rename }
	CreateRole struct {
		Names  []string
		Unless bool
	}
	DropRole struct {
		Names    []string
		IfExists bool
	}
	Grant struct {
		Privileges account.Privileges
		// Here says that the level is in the session's default database.
		Here bool
		To   []string
	}
	Revoke struct {
		Privileges    account.Privileges
		Here          bool
		From          []string
		IfExists      bool
		IgnoreUnknown bool
	}
	RevokeAll struct {
		From          []string
		IgnoreUnknown bool
	}
	GrantRoles struct {
		Roles, To []string
		Admin     bool
	}
	RevokeRoles struct {
		Roles, From   []string
		IfExists      bool
		IgnoreUnknown bool
	}
	SetRole        struct{ Roles account.Roles }
	SetDefaultRole struct {
		Roles account.Roles
		To    []string
	}
	ShowGrants struct {
		For   string
		Using []string // nil: nothing is said
	}
	ShowCreateUser struct{ Name string }
)

func (*CreateUser) statement()     {}
func (*AlterUser) statement()      {}
func (*DropUser) statement()       {}
func (*RenameUser) statement()     {}
func (*CreateRole) statement()     {}
func (*DropRole) statement()       {}
func (*Grant) statement()          {}
func (*Revoke) statement()         {}
func (*RevokeAll) statement()      {}
func (*GrantRoles) statement()     {}
func (*RevokeRoles) statement()    {}
func (*SetRole) statement()        {}
func (*SetDefaultRole) statement() {}
func (*ShowGrants) statement()     {}
func (*ShowCreateUser) statement() {}
