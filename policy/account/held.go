package account

import (
	"cmp"
	"slices"
)

// Held is what an account has at one level, by itself and by its active roles.
type Held struct {
	On        Level // also of a column
	Select    bool  // else nothing, but perhaps the right to grant
	Grantable bool
}

// HeldRole is a role that an account holds, itself or by another role, the grantee.
type HeldRole struct {
	Grantee, Role string
	Admin         bool // may be passed on
	Default       bool // active after the login
	Active        bool
}

// Held is what the session's account has now, from the global level down. There is always a global one.
func (s *Session) Held() []Held {
	p := s.Principal()
	m := s.book.now.Load()
	a := s.Account()
	holders := map[string]bool{a.Name: a.Origin != FromElsewhere}
	for _, r := range p.Roles {
		holders[r] = !m.isMade(r)
	}
	levels := map[Level]*Held{{}: {Select: p.Rights == nil}}
	for g := range m.grants {
		if !holders[g.grantee] || p.Rights == nil && g.privilege == Select {
			continue
		}
		h := levels[g.on]
		if h == nil {
			h = &Held{On: g.on}
			levels[g.on] = h
		}
		h.Select = h.Select || g.privilege == Select
		h.Grantable = h.Grantable || g.privilege == GrantOption
	}
	out := make([]Held, 0, len(levels))
	for _, h := range levels {
		out = append(out, *h)
	}
	slices.SortFunc(out, func(a, b Held) int {
		return cmp.Or(cmp.Compare(a.On.Database, b.On.Database), cmp.Compare(a.On.Table, b.On.Table), cmp.Compare(a.On.Column, b.On.Column))
	})
	return out
}

// HeldRoles are the roles that the session's account could make active, with those that they hold.
func (s *Session) HeldRoles() []HeldRole {
	p := s.Principal()
	m := s.book.now.Load()
	a := s.Account()
	s.mu.Lock()
	granted := s.granted(m)
	s.mu.Unlock()
	add := func(out []HeldRole, grantee string, roles []string) []HeldRole {
		for _, r := range roles {
			how := m.members[member{r, grantee}]
			out = append(out, HeldRole{Grantee: grantee, Role: r, Admin: how.admin, Default: how.byDefault || grantee == a.Name && a.Origin != FromSQL, Active: slices.Contains(p.Roles, r)})
		}
		return out
	}
	out := add(nil, a.Name, granted)
	for _, r := range p.Granted {
		if !m.isMade(r) {
			out = add(out, r, m.rolesOf(r))
		}
	}
	return out
}
