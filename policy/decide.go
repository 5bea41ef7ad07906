package policy

import (
	"strings"

	"weir/catalog/config"
	"weir/sources"
)

// Decision is what a principal sees of a table, and by which rules.
type Decision struct {
	// Columns are those that can be seen, in the table's order. None: the table can't be seen at all.
	Columns []ColumnDecision
	// Filter is the predicate that rows must fulfil, as SQL over the table's columns; empty is every row. FilterRule is the rule that says so.
	Filter, FilterRule string
	// MinGroup is the least number of people in a group that is shown; 0 is any. PersonColumn tells people apart; empty: each row is one.
	MinGroup     int
	PersonColumn string
	GroupRule    string
	// Hidden are the columns that can't be seen.
	Hidden []ColumnDecision
}

// ColumnDecision is what is decided about a column.
type ColumnDecision struct {
	Name string
	Mask config.Mask // zero: the value itself
	Tags []string
	Rule string // the rule that decided; empty if none did
}

// Plain reports whether the principal sees the table as it is.
func (d *Decision) Plain() bool {
	if d.Filter != "" || d.MinGroup > 0 || len(d.Hidden) > 0 {
		return false
	}
	for _, c := range d.Columns {
		if !c.Mask.IsZero() {
			return false
		}
	}
	return true
}

// HidesRows reports whether the principal doesn't see all rows one by one.
func (d *Decision) HidesRows() bool { return d.Filter != "" || d.MinGroup > 0 }

// Masked reports whether any column's value is replaced.
func (d *Decision) Masked() bool {
	for _, c := range d.Columns {
		if !c.Mask.IsZero() {
			return true
		}
	}
	return false
}

// Decide applies the rules to a table, which users see under the given names.
func (s *Set) Decide(p Principal, database, table string, t *sources.Table) *Decision {
	d := &Decision{}
	low := lower(database, table)
	if s != nil {
		s.decideRows(p, low[0], low[1], d)
	}
	for i := range t.Columns {
		c := ColumnDecision{Name: t.Columns[i].Name, Tags: s.Tags(database, table, &t.Columns[i])}
		hidden := p.Rights != nil && !p.Rights.Column(database, table, c.Name)
		if hidden {
			c.Rule = "no right to read it"
		} else if s != nil {
			hidden = s.decideColumn(p, low[0], low[1], &c)
		}
		if hidden {
			d.Hidden = append(d.Hidden, c)
		} else {
			d.Columns = append(d.Columns, c)
		}
	}
	return d
}

// decideRows finds the first rule about the rows of a table, and the first about its groups.
func (s *Set) decideRows(p Principal, database, table string, d *Decision) {
	filtered, grouped := false, false
	for i := range s.rules {
		r := &s.rules[i]
		if filtered && grouped {
			return
		}
		if !r.isFor(p) || !r.aboutTable(database, table) {
			continue
		}
		switch {
		case r.Show:
			filtered, grouped = true, true
		case r.Filter != "" && !filtered:
			filtered, d.Filter, d.FilterRule = true, r.Filter, r.Name
		case r.MinGroup.Size > 0 && !grouped:
			grouped, d.MinGroup, d.PersonColumn, d.GroupRule = true, r.MinGroup.Size, r.MinGroup.By, r.Name
		}
	}
}

// decideColumn finds the first rule about a column.
func (s *Set) decideColumn(p Principal, database, table string, c *ColumnDecision) (hidden bool) {
	name := strings.ToLower(c.Name)
	for i := range s.rules {
		r := &s.rules[i]
		if !r.Show && !r.Hide && r.Mask.IsZero() || !r.isFor(p) || !r.aboutColumn(database, table, name, c.Tags) {
			continue
		}
		c.Rule, c.Mask = r.Name, r.Mask
		return r.Hide
	}
	if s.deny[database] && len(c.Tags) == 0 {
		c.Rule = "the source's default is deny, and the column has no tag"
		return true
	}
	return false
}
