package account

import (
	"maps"
	"slices"
)

// model is everything that has been said about accounts. Immutable in a Book; a Draft has one of its own, which it changes.
type model struct {
	file  map[string]*Account // the accounts of weir.yaml
	known map[string]bool     // the roles of weir.yaml, which needn't be created
	rows
	held map[string][]string // the roles of each holder; nil in a Draft
}

// rows is the part of a model that the state store keeps. Its values can be compared.
type rows struct {
	records map[string]record
	members map[member]membership
	grants  map[grant]bool
}

// record is a user or a role that was made by SQL.
type record struct {
	role       bool
	plugin     string
	password   Verifier
	locked     bool
	require    Require
	attributes string // a JSON object of texts, its keys in order
}

// member is one that holds a role: a user, or another role.
type member struct{ role, member string }

// membership is how a role is held.
type membership struct {
	admin     bool // may be passed on
	byDefault bool // active after a login
}

// grant is a privilege that a user or a role has been given.
type grant struct {
	grantee   string
	privilege Privilege
	on        Level
}

// Privilege is what may be done.
type Privilege string

// The privileges that Weir knows.
const (
	Select      Privilege = "SELECT"
	GrantOption Privilege = "GRANT OPTION"
)

// Level is what a privilege is about. An empty Database is all of them, an empty Table all of the database, an empty Column all of the table.
type Level struct{ Database, Table, Column string }

// covers reports whether a level holds all of another one.
func (l Level) covers(other Level) bool {
	return l.Database == "" || l.Database == other.Database &&
		(l.Table == "" || l.Table == other.Table && (l.Column == "" || l.Column == other.Column))
}

func newRows() rows {
	return rows{records: map[string]record{}, members: map[member]membership{}, grants: map[grant]bool{}}
}

func (r rows) clone() rows {
	return rows{records: maps.Clone(r.records), members: maps.Clone(r.members), grants: maps.Clone(r.grants)}
}

// find returns the account of a name. That of weir.yaml goes before one that was made by SQL.
func (m *model) find(name string) (*Account, bool) {
	if a, ok := m.file[name]; ok {
		return a, true
	}
	r, ok := m.records[name]
	if !ok || r.role {
		return nil, false
	}
	a := &Account{Name: name, Origin: FromSQL, Password: r.password, Locked: r.locked, Require: r.require, Attributes: attributesOf(r.attributes)}
	a.Roles = m.rolesOf(name)
	for _, role := range a.Roles {
		if m.members[member{role, name}].byDefault {
			a.Defaults = append(a.Defaults, role)
		}
	}
	return a, true
}

// isRole reports whether there is a role of a name.
func (m *model) isRole(name string) bool {
	return m.records[name].role || m.known[name] && !m.isMade(name)
}

// isMade reports whether SQL has made a user of a name. A role of weir.yaml that is called so has nothing of what the user has.
func (m *model) isMade(name string) bool {
	r, ok := m.records[name]
	return ok && !r.role
}

// rolesOf are the roles that a user or a role made by SQL has been granted, in order.
func (m *model) rolesOf(name string) []string {
	if m.held != nil {
		return m.held[name]
	}
	var out []string
	for k := range m.members {
		if k.member == name {
			out = append(out, k.role)
		}
	}
	slices.Sort(out)
	return out
}

// indexed is a model of which rolesOf is quick.
func indexed(file map[string]*Account, known map[string]bool, r rows) *model {
	m := &model{file: file, known: known, rows: r, held: map[string][]string{}}
	for k := range r.members {
		m.held[k.member] = append(m.held[k.member], k.role)
	}
	for _, roles := range m.held {
		slices.Sort(roles)
	}
	return m
}

// all are roles with those that they hold, and so on, in order.
func (m *model) all(roles []string) []string {
	seen := make(map[string]bool, len(roles))
	next := slices.Clone(roles)
	for len(next) > 0 {
		role := next[len(next)-1]
		next = next[:len(next)-1]
		if !seen[role] {
			seen[role] = true
			if !m.isMade(role) {
				next = append(next, m.rolesOf(role)...)
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// holds: see Book.Holds.
func (m *model) holds(old *Account) bool {
	now, ok := m.find(old.Name)
	if old.Origin == FromElsewhere {
		return !ok
	}
	return ok && now.Origin == old.Origin && !now.Locked && now.Password == old.Password && now.Require == old.Require &&
		(now.Origin != FromFile || slices.Equal(now.Roles, old.Roles) && maps.Equal(now.Attributes, old.Attributes))
}
