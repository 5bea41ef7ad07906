package account

import (
	"cmp"
	"maps"
	"slices"
)

// Listed is a user or a role in a list.
type Listed struct {
	Name       string
	Role       bool
	FromFile   bool // it stands in weir.yaml
	Locked     bool
	Require    Require
	Attributes map[string]string
}

// ListedGrant is what a user or a role has been given: a role, or a privilege.
type ListedGrant struct {
	Grantee   string
	Role      string // empty: a privilege
	Privilege Privilege
	On        Level
	Grantable bool // may be passed on
	Default   bool // a role that is active after the login
}

// List is all users and roles, and what they have been given, in order.
func (b *Book) List() ([]Listed, []ListedGrant) {
	m := b.now.Load()
	var accounts []Listed
	var grants []ListedGrant
	for _, name := range slices.Sorted(maps.Keys(m.file)) {
		a := m.file[name]
		accounts = append(accounts, Listed{Name: name, FromFile: true, Require: a.Require, Attributes: a.Attributes})
		grants = append(grants, ListedGrant{Grantee: name, Privilege: Select})
		for _, r := range a.Roles {
			grants = append(grants, ListedGrant{Grantee: name, Role: r, Default: true})
		}
	}
	for name, r := range m.records {
		if m.file[name] == nil && !(r.role && m.known[name]) {
			accounts = append(accounts, Listed{Name: name, Role: r.role, Locked: r.locked && !r.role, Require: r.require, Attributes: attributesOf(r.attributes)})
		}
	}
	for name := range m.known {
		if !m.isMade(name) {
			accounts = append(accounts, Listed{Name: name, Role: true, FromFile: true})
		}
	}
	for k, how := range m.members {
		if m.file[k.member] == nil || m.isRole(k.member) {
			grants = append(grants, ListedGrant{Grantee: k.member, Role: k.role, Grantable: how.admin, Default: how.byDefault})
		}
	}
	for g := range m.grants {
		if m.file[g.grantee] != nil && !m.isRole(g.grantee) {
			continue
		}
		option := g
		option.privilege, option.on.Column = GrantOption, ""
		grants = append(grants, ListedGrant{Grantee: g.grantee, Privilege: g.privilege, On: g.on, Grantable: m.grants[option]})
	}
	slices.SortFunc(accounts, func(a, b Listed) int {
		return cmp.Or(cmp.Compare(number(a.Role), number(b.Role)), cmp.Compare(a.Name, b.Name))
	})
	slices.SortFunc(grants, func(a, b ListedGrant) int {
		return cmp.Or(cmp.Compare(a.Grantee, b.Grantee), cmp.Compare(a.Role, b.Role), cmp.Compare(a.On.Database, b.On.Database), cmp.Compare(a.On.Table, b.On.Table),
			cmp.Compare(a.On.Column, b.On.Column), cmp.Compare(a.Privilege, b.Privilege))
	})
	return accounts, grants
}
