package account

import "strings"

// Privileges are what one GRANT or REVOKE is about.
type Privileges struct {
	On Level // without a column
	// Select is the privilege for all columns of the level, Columns for some.
	Select  bool
	Columns []string
	// GrantOption may pass on what one holds of the level.
	GrantOption bool
}

// grants are the rows of a holder that the privileges stand for.
func (p Privileges) grants(grantee string) []grant {
	var out []grant
	if p.Select {
		out = append(out, grant{grantee, Select, p.On})
	}
	for _, c := range p.Columns {
		on := p.On
		on.Column = c
		out = append(out, grant{grantee, Select, on})
	}
	if p.GrantOption {
		out = append(out, grant{grantee, GrantOption, p.On})
	}
	return out
}

// Grant answers GRANT of privileges. Without the role Admin one can give what one holds with GRANT OPTION.
func (d *Draft) Grant(p Privileges, to []string) error {
	if len(p.Columns) > 0 && p.On.Table == "" {
		return errIllegalGrant()
	}
	if err := d.mayGrant(p); err != nil {
		return err
	}
	for _, t := range to {
		missing := codeNoSuchUser.New("You are not allowed to create a user with GRANT: there is no account %s", id(t))
		if err := d.mayHold("GRANT", t, missing); err != nil {
			return err
		}
		d.adopt(t)
		for _, g := range p.grants(t) {
			d.grants[g] = true
		}
	}
	return nil
}

// Revoke answers REVOKE of privileges. Names of databases, tables and columns that differ from what was granted in case only are taken to be the same.
func (d *Draft) Revoke(p Privileges, from []string, ifExists, ignoreUnknown bool) error {
	if len(p.Columns) > 0 && p.On.Table == "" {
		return errIllegalGrant()
	}
	if err := d.mayGrant(p); err != nil {
		return err
	}
	for _, f := range from {
		if err := d.mayHold("REVOKE", f, noGrant(f, p.On)); err != nil {
			if !ignoreUnknown || d.file[f] != nil {
				return err
			}
			d.note(noteMissing, "Authorization ID '"+clip(f)+"'@'%' does not exist.")
			continue
		}
		found := true
		for _, g := range p.grants(f) {
			found = d.revoke(g) && found
		}
		if !found {
			if !ifExists {
				return noGrant(f, p.On)
			}
			d.note(codeNoGrant.Code, noGrant(f, p.On).Error())
		}
	}
	return nil
}

// revoke removes a grant, and with one of a table those of its columns. False if there was none.
func (d *Draft) revoke(g grant) bool {
	found := false
	for h := range d.grants {
		if h.grantee == g.grantee && h.privilege == g.privilege && strings.EqualFold(h.on.Database, g.on.Database) && strings.EqualFold(h.on.Table, g.on.Table) &&
			(strings.EqualFold(h.on.Column, g.on.Column) || g.on.Table != "" && g.on.Column == "") {
			delete(d.grants, h)
			found = true
		}
	}
	return found
}

// RevokeAll answers REVOKE ALL PRIVILEGES, GRANT OPTION FROM …: roles stay.
func (d *Draft) RevokeAll(from []string, ignoreUnknown bool) error {
	if !d.isAdmin() {
		return needsAdmin(needsCreateUser)
	}
	for _, f := range from {
		if err := d.mayHold("REVOKE", f, codeRevokeAll.New("Can't revoke all privileges for one or more of the requested users")); err != nil {
			if !ignoreUnknown || d.file[f] != nil {
				return err
			}
			d.note(noteMissing, "Authorization ID '"+clip(f)+"'@'%' does not exist.")
			continue
		}
		for g := range d.grants {
			if g.grantee == f {
				delete(d.grants, g)
			}
		}
	}
	return nil
}

// mayGrant returns an error unless the actor may grant and revoke these privileges: he is an administrator, or holds them and may pass them on.
func (d *Draft) mayGrant(p Privileges) error {
	if d.isAdmin() {
		return nil
	}
	if !d.has(GrantOption, p.On) {
		return d.denied(p.On)
	}
	for _, g := range p.grants("") {
		if !d.has(g.privilege, g.on) && !(g.privilege == Select && d.actor.readsAll) {
			return d.denied(p.On)
		}
	}
	return nil
}

// has reports whether the actor holds a privilege for all of a level.
func (d *Draft) has(p Privilege, on Level) bool {
	holders := d.holders()
	for g := range d.grants {
		if g.privilege != p || !g.on.covers(on) {
			continue
		}
		for _, h := range holders {
			if g.grantee == h {
				return true
			}
		}
	}
	return false
}

// denied is MySQL's error for who may not grant at a level.
func (d *Draft) denied(on Level) error {
	switch {
	case on.Database == "":
		return codeDenied.New("Access denied for user '%s'@'%%': granting needs the active role %s, or GRANT OPTION", d.actor.name, Admin)
	case on.Table == "":
		return codeDeniedDatabase.New("Access denied for user '%s'@'%%' to database '%s'", d.actor.name, clip(on.Database))
	}
	return codeDeniedTable.New("GRANT command denied to user '%s'@'%%' for table '%s'", d.actor.name, clip(on.Table))
}

func noGrant(name string, on Level) error {
	if on.Table != "" {
		return codeNoTableGrant.New("There is no such grant defined for user '%s' on host '%%' on table '%s'", clip(name), clip(on.Table))
	}
	return codeNoGrant.New("There is no such grant defined for user '%s' on host '%%'", clip(name))
}

func errIllegalGrant() error {
	return codeIllegalGrant.New("Illegal GRANT/REVOKE command; please consult the manual to see which privileges can be used")
}
