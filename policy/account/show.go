package account

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// ShowGrants are the lines of SHOW GRANTS for a user or a role, with what the roles in using would give. An empty name is the session's own
// account with its active roles. Without the role Admin one sees one's own.
func (s *Session) ShowGrants(name string, using []string) ([]string, error) {
	m := s.book.now.Load()
	own := s.Account()
	a, isUser := m.find(name)
	var granted []string
	switch {
	case name == "" || name == own.Name:
		name, isUser = own.Name, true
		a, granted = own, s.nowGranted(m)
		if using == nil {
			using = s.ActiveRoles()
		}
	case !s.IsAdmin() && !slices.Contains(s.Principal().Roles, name):
		return nil, codeDeniedDatabase.New("Access denied for user '%s'@'%%' to database 'mysql'", own.Name)
	case isUser:
		granted = a.Roles
	case m.isRole(name):
		granted = m.rolesOf(name)
	default:
		return nil, noGrant(name, Level{})
	}
	for _, r := range using {
		if !slices.Contains(granted, r) {
			return nil, notGranted(r, name)
		}
	}
	to := " TO " + id(name)
	var lines []string
	if isUser && a.ReadsAll {
		lines = append(lines, "GRANT SELECT, SHOW DATABASES ON *.*"+to)
	} else {
		holder := name
		if isUser && a.Origin == FromElsewhere {
			holder = ""
		}
		lines = m.grantLines(append([]string{holder}, m.all(using)...), to)
	}
	return append(lines, m.roleLines(name, granted, to)...), nil
}

func (s *Session) nowGranted(m *model) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.granted(m)
}

// grantLines are the GRANT statements of what some hold together, from the global ones down.
func (m *model) grantLines(holders []string, to string) []string {
	type entry struct {
		all, option bool
		columns     map[string]bool
	}
	levels := map[Level]*entry{{}: {}}
	for g := range m.grants {
		if !slices.Contains(holders, g.grantee) {
			continue
		}
		at := Level{Database: g.on.Database, Table: g.on.Table}
		e := levels[at]
		if e == nil {
			e = &entry{}
			levels[at] = e
		}
		switch {
		case g.privilege == GrantOption:
			e.option = true
		case g.on.Column == "":
			e.all = true
		default:
			if e.columns == nil {
				e.columns = map[string]bool{}
			}
			e.columns[g.on.Column] = true
		}
	}
	order := slices.SortedFunc(maps.Keys(levels), func(a, b Level) int {
		return cmp.Or(cmp.Compare(min(len(a.Database), 1), min(len(b.Database), 1)), cmp.Compare(min(len(a.Table), 1), min(len(b.Table), 1)),
			cmp.Compare(a.Database, b.Database), cmp.Compare(a.Table, b.Table))
	})
	var lines []string
	for _, at := range order {
		e := levels[at]
		var what []string
		if e.all {
			what = append(what, "SELECT")
		}
		if len(e.columns) > 0 {
			quoted := slices.Sorted(maps.Keys(e.columns))
			for i, c := range quoted {
				quoted[i] = quoteName(c)
			}
			what = append(what, "SELECT ("+strings.Join(quoted, ", ")+")")
		}
		if len(what) == 0 {
			what = []string{"USAGE"}
		}
		line := "GRANT " + strings.Join(what, ", ") + " ON " + at.String() + to
		if e.option {
			line += " WITH GRANT OPTION"
		}
		lines = append(lines, line)
	}
	return lines
}

// roleLines are the GRANT statements of the roles that one holds.
func (m *model) roleLines(name string, granted []string, to string) []string {
	var plain, admin []string
	for _, r := range granted {
		if m.members[member{r, name}].admin {
			admin = append(admin, id(r))
		} else {
			plain = append(plain, id(r))
		}
	}
	var lines []string
	if len(plain) > 0 {
		lines = append(lines, "GRANT "+strings.Join(plain, ",")+to)
	}
	if len(admin) > 0 {
		lines = append(lines, "GRANT "+strings.Join(admin, ",")+to+" WITH ADMIN OPTION")
	}
	return lines
}

// String is a level as GRANT writes it.
func (l Level) String() string {
	switch {
	case l.Database == "":
		return "*.*"
	case l.Table == "":
		return quoteName(l.Database) + ".*"
	}
	return quoteName(l.Database) + "." + quoteName(l.Table)
}

// ShowCreateUser is the statement that would make an account again, without its password. An empty name is the session's own.
func (s *Session) ShowCreateUser(name string) (string, error) {
	m := s.book.now.Load()
	own := s.Account().Name
	if name == "" {
		name = own
	}
	if name != own && !s.IsAdmin() {
		return "", codeDeniedDatabase.New("Access denied for user '%s'@'%%' to database 'mysql'", own)
	}
	a, ok := m.find(name)
	if !ok {
		return "", failed("SHOW CREATE USER", []string{name}, "")
	}
	plugin := PluginSHA2
	if r, ok := m.records[name]; ok && a.Origin == FromSQL {
		plugin = r.plugin
	}
	text := "CREATE USER " + id(name) + " IDENTIFIED WITH '" + plugin + "'"
	if !a.Password.Empty {
		text += " AS '<secret>'"
	}
	if len(a.Defaults) > 0 {
		roles := slices.Clone(a.Defaults)
		for i, r := range roles {
			roles[i] = id(r)
		}
		text += " DEFAULT ROLE " + strings.Join(roles, ",")
	}
	text += " REQUIRE " + a.Require.String()
	if a.Locked {
		text += " ACCOUNT LOCK"
	} else {
		text += " ACCOUNT UNLOCK"
	}
	if len(a.Attributes) > 0 {
		text += " ATTRIBUTE " + quoteText(attributesText(a.Attributes))
	}
	return text, nil
}

// String is the demands as REQUIRE writes them.
func (r Require) String() string {
	var out []string
	if r.Subject != "" {
		out = append(out, "SUBJECT "+quoteText(r.Subject))
	}
	if r.Issuer != "" {
		out = append(out, "ISSUER "+quoteText(r.Issuer))
	}
	switch {
	case len(out) > 0:
		return strings.Join(out, " ")
	case r.X509:
		return "X509"
	case r.SSL:
		return "SSL"
	}
	return "NONE"
}

var textEscapes = strings.NewReplacer(`\`, `\\`, `'`, `''`)

func quoteText(s string) string { return "'" + textEscapes.Replace(s) + "'" }
