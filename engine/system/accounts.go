package system

import (
	"context"
	"encoding/json"
	"iter"
	"slices"

	"weir/policy"
	"weir/policy/account"
	"weir/policy/audit"
	"weir/sources"
)

// accountsTable is weir.accounts: all users and roles for who administers, for others themselves and their roles.
func (s *Source) accountsTable() table {
	return table{name: "accounts", comment: "Users and roles", rows: s.accountRows, columns: []sources.Column{
		column("name", short(32), ""), column("kind", short(8), "user or role"), column("made_by", short(16), "weir.yaml or SQL"), column("locked", flag, ""),
		column("requires", short(1024), "as in CREATE USER … REQUIRE"), column("attributes", long, "as a JSON object"),
	}}
}

// grantsTable is weir.grants: what the users and roles of weir.accounts have been given.
func (s *Source) grantsTable() table {
	return table{name: "grants", comment: "What users and roles have been granted", rows: s.grantRows, columns: []sources.Column{
		column("grantee", short(32), "user or role"), column("role_name", short(32), "NULL: a privilege"), column("privilege", short(32), "NULL: a role"),
		column("database_name", short(64), "NULL: all"), column("table_name", short(128), "NULL: all of the database"), column("column_name", short(64), "NULL: all of the table"),
		column("grantable", flag, "may be passed on"), column("is_default", flag, "a role that is active after the login"),
	}}
}

// mayList reports whether a principal may see an account or a role.
func mayList(p policy.Principal, name string) bool {
	return slices.Contains(p.Roles, account.Admin) || name == p.User || slices.Contains(p.Roles, name) || slices.Contains(p.Granted, name)
}

func (s *Source) accountRows(_ context.Context, p policy.Principal, _ audit.Span) iter.Seq2[[]any, error] {
	var rows [][]any
	accounts, _ := s.cfg.Accounts()
	for _, a := range accounts {
		if !mayList(p, a.Name) {
			continue
		}
		kind, by := "user", "SQL"
		if a.Role {
			kind = "role"
		}
		if a.FromFile {
			by = "weir.yaml"
		}
		attributes := ""
		if len(a.Attributes) > 0 {
			data, err := json.Marshal(a.Attributes)
			if err != nil {
				return func(yield func([]any, error) bool) { yield(nil, err) }
			}
			attributes = string(data)
		}
		rows = append(rows, []any{a.Name, kind, by, a.Locked, a.Require.String(), text(attributes)})
	}
	return all(rows)
}

func (s *Source) grantRows(_ context.Context, p policy.Principal, _ audit.Span) iter.Seq2[[]any, error] {
	var rows [][]any
	_, grants := s.cfg.Accounts()
	for _, g := range grants {
		if mayList(p, g.Grantee) {
			rows = append(rows, []any{g.Grantee, text(g.Role), text(string(g.Privilege)), text(g.On.Database), text(g.On.Table), text(g.On.Column), g.Grantable, g.Default})
		}
	}
	return all(rows)
}
