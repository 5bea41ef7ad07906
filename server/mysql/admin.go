package mysql

import (
	"context"
	"slices"
	"strings"

	"github.com/dolthub/vitess/go/sqltypes"
	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/gms"
	"weir/engine/sqlerr"
	"weir/policy/account"
	"weir/server/mysql/accountsql"
)

// accountStatement is a statement about accounts, of which the parser's tree says nothing.
type accountStatement struct {
	sqlparser.Statement
	about accountsql.Statement
}

// accounts answers a statement about accounts.
func (st *statement) accounts(about accountsql.Statement, send sink) error {
	c := st.c
	var change func(*account.Draft) error
	switch s := about.(type) {
	case *accountsql.SetRole:
		if err := c.session.SetRole(s.Roles); err != nil {
			return err
		}
		return send(&sqltypes.Result{})
	case *accountsql.ShowGrants:
		lines, err := c.session.ShowGrants(s.For, s.Using)
		if err != nil {
			return err
		}
		return send(lineTable("Grants for "+c.orSelf(s.For)+"@%", lines))
	case *accountsql.ShowCreateUser:
		line, err := c.session.ShowCreateUser(s.Name)
		if err != nil {
			return err
		}
		return send(lineTable("CREATE USER for "+c.orSelf(s.Name)+"@%", []string{line}))
	case *accountsql.Grant:
		p, err := c.grantable(st.ctx, s.Privileges, s.Here)
		if err != nil {
			return err
		}
		change = func(d *account.Draft) error { return d.Grant(p, c.orSelfAll(s.To)) }
	case *accountsql.Revoke:
		p := s.Privileges
		if err := c.inDatabase(&p.On, s.Here); err != nil {
			return err
		}
		change = func(d *account.Draft) error { return d.Revoke(p, c.orSelfAll(s.From), s.IfExists, s.IgnoreUnknown) }
	default:
		change = c.change(about)
	}
	var notes []account.Note
	err := c.s.cfg.Accounts.Update(st.ctx, c.session, func(d *account.Draft) error {
		err := change(d)
		notes = d.Notes
		return err
	})
	if err != nil {
		return err
	}
	warnings := make([]gms.Warning, len(notes))
	for i, n := range notes {
		warnings[i] = gms.Warning{Level: "Note", Code: int(n.Code), Message: n.Text}
	}
	c.warn(warnings...)
	c.s.log.Info("accounts changed", "by", c.name(), "connection", c.id, "statement", clip(accountsql.Redact(st.text), 1000))
	return send(&sqltypes.Result{})
}

// change is what a statement does that needs nothing but names.
func (c *conn) change(about accountsql.Statement) func(*account.Draft) error {
	switch s := about.(type) {
	case *accountsql.CreateUser:
		return func(d *account.Draft) error { return d.CreateUsers(s.Users, s.Options, s.Unless) }
	case *accountsql.AlterUser:
		users := slices.Clone(s.Users) // a prepared statement runs again
		for i := range users {
			users[i].Name = c.orSelf(users[i].Name)
		}
		return func(d *account.Draft) error { return d.AlterUsers(users, s.Options, s.IfExists) }
	case *accountsql.DropUser:
		return func(d *account.Draft) error { return d.DropUsers(s.Names, s.IfExists) }
	case *accountsql.RenameUser:
		return func(d *account.Draft) error { return d.RenameUsers(s.Pairs) }
	case *accountsql.CreateRole:
		return func(d *account.Draft) error { return d.CreateRoles(s.Names, s.Unless) }
	case *accountsql.DropRole:
		return func(d *account.Draft) error { return d.DropRoles(s.Names, s.IfExists) }
	case *accountsql.RevokeAll:
		return func(d *account.Draft) error { return d.RevokeAll(c.orSelfAll(s.From), s.IgnoreUnknown) }
	case *accountsql.GrantRoles:
		return func(d *account.Draft) error { return d.GrantRoles(s.Roles, c.orSelfAll(s.To), s.Admin) }
	case *accountsql.RevokeRoles:
		return func(d *account.Draft) error {
			return d.RevokeRoles(s.Roles, c.orSelfAll(s.From), s.IfExists, s.IgnoreUnknown)
		}
	case *accountsql.SetDefaultRole:
		return func(d *account.Draft) error { return d.SetDefaultRole(s.Roles, c.orSelfAll(s.To)) }
	}
	return func(*account.Draft) error {
		return sqlerr.Unsupported.New("This version of Weir doesn't yet support this statement")
	}
}

// orSelf is the account that a statement names: an empty name is the session's own.
func (c *conn) orSelf(name string) string {
	if name == "" {
		return c.name()
	}
	return name
}

func (c *conn) orSelfAll(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = c.orSelf(n)
	}
	return out
}

// inDatabase completes a level of which a statement doesn't name the database.
func (c *conn) inDatabase(on *account.Level, here bool) error {
	if here {
		if on.Database = c.Database(); on.Database == "" {
			return sqlerr.NoDatabase.New("No database selected")
		}
	}
	return nil
}

// grantable spells the names of what is granted as the catalog does, since rights are compared with its names byte by byte. What the session's user doesn't
// see, he can't grant, unless he administers.
func (c *conn) grantable(ctx context.Context, p account.Privileges, here bool) (account.Privileges, error) {
	if err := c.inDatabase(&p.On, here); err != nil || p.On.Database == "" {
		return p, err
	}
	if isSystemDatabase(p.On.Database) {
		return p, sqlerr.Kind{Code: 1044, State: "42000"}.New("Access denied for user '%s'@'%%' to database '%s': everybody may read it, and sees there what he may see", c.name(), p.On.Database)
	}
	var catalog gms.Catalog = c.s.cfg.Catalog
	if !c.IsAdmin() {
		catalog = c.s.cfg.Catalog.For(c.Principal())
	}
	if !slices.Contains(catalog.Databases(), p.On.Database) {
		return p, sqlerr.UnknownDatabase.New("Unknown database '%s'", clip(p.On.Database, 64))
	}
	if p.On.Table == "" {
		return p, nil
	}
	t, err := catalog.Table(ctx, p.On.Database, p.On.Table)
	if err != nil {
		return p, err
	}
	p.On.Table = t.Name
	wanted := p.Columns
	p.Columns = make([]string, len(wanted))
	for i, name := range wanted {
		for _, column := range t.Def.Columns {
			if column.Name == name || p.Columns[i] == "" && strings.EqualFold(column.Name, name) {
				p.Columns[i] = column.Name
			}
		}
		if p.Columns[i] == "" {
			return p, sqlerr.UnknownColumn.New("Unknown column '%s' in '%s'", clip(name, 64), t.Name)
		}
	}
	return p, nil
}

// lineTable is a result of one column.
func lineTable(name string, lines []string) *sqltypes.Result {
	r := table(name, sqltypes.VarChar)
	for _, l := range lines {
		r.Rows = append(r.Rows, []sqltypes.Value{text(l)})
	}
	return r
}

// Privileges are what the user and his active roles have been granted.
func (c *conn) Privileges() []gms.Privilege {
	held := c.session.Held()
	out := make([]gms.Privilege, len(held))
	for i, h := range held {
		out[i] = gms.Privilege{Database: h.On.Database, Table: h.On.Table, Column: h.On.Column, Type: "USAGE", Grantable: h.Grantable}
		if h.Select {
			out[i].Type = "SELECT"
		}
	}
	return out
}

// Roles are those that the user holds.
func (c *conn) Roles() []gms.Role {
	held := c.session.HeldRoles()
	out := make([]gms.Role, len(held))
	for i, h := range held {
		out[i] = gms.Role{Grantee: h.Grantee, Name: h.Role, Grantable: h.Admin, Default: h.Default, Active: h.Active}
	}
	return out
}
