package bind

import (
	"sort"
	"strings"

	"weir/engine/rel"
	"weir/engine/sqlerr"
)

// scope is the columns that a FROM clause, or a part of one, offers, and the scope around it.
type scope struct {
	parent *scope
	block  *block // the query block whose FROM it is
	cols   []*scopeColumn
	depth  int
}

// scopeColumn is one column of a scope.
type scopeColumn struct {
	rel.Column
	table, database   string // alias; and the database, empty for derived tables
	orgTable, orgName string
	ordinal           int  // position in its table, for t.*
	merged            bool // the loser of a NATURAL or USING join: only a qualified name finds it, and * leaves it out
	// value is what the name stands for where that isn't the column itself.
	value rel.Expr
	// zone is the session's time zone if the column holds moments that the zone's clock shows otherwise than in UTC; else empty.
	zone string
}

func newScope(parent *scope, blk *block, cols []*scopeColumn) *scope {
	s := &scope{parent: parent, block: blk, cols: cols}
	if parent != nil {
		s.depth = parent.depth + 1
	}
	return s
}

// name is a column's name as it was written.
type name struct{ database, table, column string }

func (n name) String() string {
	s := n.column
	if n.table != "" {
		s = n.table + "." + s
	}
	if n.database != "" {
		s = n.database + "." + s
	}
	return s
}

func (c *scopeColumn) inTable(database, table string) bool {
	return c.table == table && (database == "" || c.database == database)
}

// find returns the column of this scope alone that the name means, or nil. It fails if there are several.
func (s *scope) find(n name, clause string) *scopeColumn {
	found := s.match(n, func(a, b string) bool { return a == b }, clause)
	if found == nil && n.table != "" {
		found = s.match(n, strings.EqualFold, clause)
	}
	return found
}

func (s *scope) match(n name, sameTable func(a, b string) bool, clause string) *scopeColumn {
	var found *scopeColumn
	for _, c := range s.cols {
		if !strings.EqualFold(c.Name, n.column) {
			continue
		}
		if n.table == "" && c.merged || n.table != "" && !sameTable(c.table, n.table) {
			continue
		}
		if n.database != "" && !strings.EqualFold(c.database, n.database) {
			continue
		}
		if found != nil && found.ID != c.ID {
			fail(sqlerr.AmbiguousColumn.New("Column '%s' in %s is ambiguous", n, clause))
		}
		if found == nil {
			found = c
		}
	}
	return found
}

// star returns the columns that * stands for, or t.* if a table is given.
func (s *scope) star(database, table string) []*scopeColumn {
	var out []*scopeColumn
	for _, c := range s.cols {
		if table == "" && !c.merged || table != "" && c.inTable(database, table) {
			out = append(out, c)
		}
	}
	if table != "" {
		if out == nil {
			for _, c := range s.cols {
				if strings.EqualFold(c.table, table) && (database == "" || strings.EqualFold(c.database, database)) {
					out = append(out, c)
				}
			}
		}
		sort.SliceStable(out, func(i, j int) bool { return out[i].ordinal < out[j].ordinal })
	}
	return out
}

// expr is the expression that reads the column.
func (c *scopeColumn) expr() rel.Expr {
	if c.value != nil {
		return c.value
	}
	col := &rel.Col{ID: c.ID, Name: c.Name, T: c.T}
	if c.zone == "" {
		return col
	}
	args := []rel.Expr{col, textLit(c.zone)}
	return &rel.Call{Op: atZone, Args: args, T: rel.Functions[atZone].ResultType(args)}
}

// fullName is the column's name as MySQL's messages have it.
func (c *scopeColumn) fullName() string {
	switch {
	case c.orgName != "" && c.database != "":
		return c.database + "." + c.table + "." + c.orgName
	case c.table != "":
		return c.table + "." + c.Name
	}
	return c.Name
}
