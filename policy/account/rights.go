package account

import "weir/policy"

// rights is what a set of grants lets one read. Immutable.
type rights struct {
	all       bool
	databases map[string]bool
	tables    map[Level]*columns // by database and table
}

// columns are those of a table that may be read.
type columns struct {
	all   bool
	named map[string]bool
}

var _ policy.Rights = (*rights)(nil)

// Table implements policy.Rights.
func (r *rights) Table(database, table string) bool {
	return r.all || r.databases[database] || r.tables[Level{Database: database, Table: table}] != nil
}

// Column implements policy.Rights.
func (r *rights) Column(database, table, column string) bool {
	if r.all || r.databases[database] {
		return true
	}
	c := r.tables[Level{Database: database, Table: table}]
	return c != nil && (c.all || c.named[column])
}

// rightsOf is what a user and his roles, given with those that they hold, may read.
func (m *model) rightsOf(user string, roles []string) *rights {
	holders := map[string]bool{user: true}
	for _, r := range roles {
		if !m.isMade(r) {
			holders[r] = true
		}
	}
	out := &rights{databases: map[string]bool{}, tables: map[Level]*columns{}}
	for g := range m.grants {
		if !holders[g.grantee] || g.privilege != Select {
			continue
		}
		switch {
		case g.on.Database == "":
			out.all = true
		case g.on.Table == "":
			out.databases[g.on.Database] = true
		default:
			t := Level{Database: g.on.Database, Table: g.on.Table}
			c := out.tables[t]
			if c == nil {
				c = &columns{named: map[string]bool{}}
				out.tables[t] = c
			}
			if g.on.Column == "" {
				c.all = true
			} else {
				c.named[g.on.Column] = true
			}
		}
	}
	return out
}
