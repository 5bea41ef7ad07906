package gms

import (
	"strings"

	"github.com/dolthub/go-mysql-server/sql"
)

// privilegeRows are the rows of the tables about privileges of one level: 0 is all databases, 1 a database, 2 a table, 3 a column. Everybody sees his own, with
// what his active roles give him.
func privilegeRows(level int) func(*sql.Context, *Session) []sql.Row {
	return func(_ *sql.Context, s *Session) []sql.Row {
		grantee := "'" + strings.ReplaceAll(s.user, "'", "''") + "'@'%'"
		var out []sql.Row
		for _, p := range s.variables.Privileges() {
			row := sql.Row{grantee, def}
			at := 0
			for _, name := range []string{p.Database, p.Table, p.Column} {
				if name != "" {
					row = append(row, name)
					at++
				}
			}
			if at == level {
				out = append(out, append(row, p.Type, yesNo(p.Grantable)))
			}
		}
		return out
	}
}

// anyHost is the host part of all accounts and roles.
const anyHost = "%"

func applicableRoleRows(_ *sql.Context, s *Session) []sql.Row {
	var out []sql.Row
	for _, r := range s.variables.Roles() {
		out = append(out, sql.Row{s.user, anyHost, r.Grantee, anyHost, r.Name, anyHost, yesNo(r.Grantable), yesNo(r.Default), "NO"})
	}
	return out
}

func enabledRoleRows(_ *sql.Context, s *Session) []sql.Row {
	var out []sql.Row
	seen := map[string]bool{}
	for _, r := range s.variables.Roles() {
		if r.Active && !seen[r.Name] {
			seen[r.Name] = true
			out = append(out, sql.Row{r.Name, anyHost, yesNo(r.Default), "NO"})
		}
	}
	return out
}
