package policy

import (
	"slices"
	"strings"

	"weir/catalog/config"
	"weir/sources"
)

// Set is the policies of a configuration. It is read-only; nil is a set without rules.
type Set struct {
	tags  []tag
	rules []rule
	deny  map[string]bool // databases, in lower case, whose untagged columns are hidden
	// reveal are the roles that may turn pseudonyms back.
	reveal []string
}

type tag struct {
	name    string
	columns []pattern
	kind    string
}

type rule struct {
	config.Rule
	about pattern // of Table or Column
}

// New compiles the policies of a configuration.
func New(cfg *config.Config) *Set {
	s := &Set{deny: map[string]bool{}}
	for name, src := range cfg.Sources {
		if src.Default == "deny" {
			s.deny[strings.ToLower(name)] = true
		}
	}
	p := cfg.Policies
	if p == nil {
		return s
	}
	s.reveal = p.Reveal
	for _, t := range p.Tags {
		c := tag{name: t.Tag, kind: strings.ToLower(t.Type)}
		for _, text := range t.Columns {
			c.columns = append(c.columns, newPattern(text))
		}
		s.tags = append(s.tags, c)
	}
	for _, r := range p.Rules {
		r.Database, r.Tag = strings.ToLower(r.Database), strings.ToLower(r.Tag)
		s.rules = append(s.rules, rule{r, newPattern(r.Table + r.Column)})
	}
	return s
}

// Empty reports whether there are no rules: everybody sees what their rights let them.
func (s *Set) Empty() bool { return s == nil || len(s.rules) == 0 && len(s.deny) == 0 }

// MayReveal reports whether a principal may turn pseudonyms back into values.
func (s *Set) MayReveal(p Principal) bool { return s != nil && overlaps(s.reveal, p.Roles) }

// Tags are the tags of a column, in the order of the policy file. table is the name as users see it.
func (s *Set) Tags(database, table string, c *sources.Column) []string {
	if s == nil {
		return nil
	}
	var out []string
	for _, t := range s.tags {
		named := len(t.columns) == 0 || slices.ContainsFunc(t.columns, func(p pattern) bool { return p.matches(lower(database, table, c.Name)...) })
		if named && strings.HasPrefix(strings.ToLower(c.Type.String()), t.kind) && !slices.Contains(out, t.name) {
			out = append(out, t.name)
		}
	}
	return out
}

// isFor reports whether a rule is for a principal. A role that takes something away does so active or not, and nobody gets rid of that by SET ROLE: it is in
// the rules that don't show, or is an exception from one that does. A role that gives something must be active.
func (r *rule) isFor(p Principal) bool {
	if overlaps(r.Not, p.Roles) || r.Show && overlaps(r.Not, p.Granted) {
		return false
	}
	if len(r.Roles) == 0 && len(r.Users) == 0 {
		return true
	}
	return overlaps(r.Roles, p.Roles) || !r.Show && overlaps(r.Roles, p.Granted) || slices.Contains(r.Users, p.User)
}

// aboutTable reports whether a rule is about a table as a whole.
func (r *rule) aboutTable(database, table string) bool {
	switch {
	case r.Column != "" || r.Tag != "":
		return false
	case r.Table != "":
		return r.about.matches(database, table)
	}
	return r.Database == "" || matchName(r.Database, database)
}

// aboutColumn reports whether a rule is about a column, or about its table as a whole.
func (r *rule) aboutColumn(database, table, column string, tags []string) bool {
	switch {
	case r.Column != "":
		return r.about.matches(database, table, column)
	case r.Tag != "":
		return slices.ContainsFunc(tags, func(t string) bool { return matchName(r.Tag, strings.ToLower(t)) })
	}
	return r.aboutTable(database, table)
}

func lower(names ...string) []string {
	for i, n := range names {
		names[i] = strings.ToLower(n)
	}
	return names
}

func overlaps(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

// pattern is a dotted name with wild cards, split at its dots.
type pattern []string

func newPattern(text string) pattern { return config.SplitName(strings.ToLower(text)) }

// matches compares names part by part. A source with several schemas shows tables as schema.table, so the table's own part may be one with a dot, or the bare
// table: a rule that means all tables of that name must not miss one because of its schema.
func (p pattern) matches(names ...string) bool {
	if len(p) != len(names) {
		return false
	}
	for i, part := range p {
		bare := names[i]
		if dot := strings.LastIndexByte(bare, '.'); i == 1 && dot >= 0 {
			bare = bare[dot+1:]
		}
		if !matchName(part, names[i]) && !matchName(part, bare) {
			return false
		}
	}
	return true
}

// matchName compares a name with a pattern in which * stands for any characters; both are in lower case. Case doesn't matter: columns' names are found without
// regard to it, so protecting them by the exact case would protect less than it says.
func matchName(pattern, name string) bool {
	if !strings.Contains(pattern, "*") {
		return pattern == name
	}
	parts := strings.Split(pattern, "*")
	first, last := parts[0], parts[len(parts)-1]
	if len(name) < len(first)+len(last) || !strings.HasPrefix(name, first) || !strings.HasSuffix(name, last) {
		return false
	}
	rest := name[len(first) : len(name)-len(last)]
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(rest, part)
		if i < 0 {
			return false
		}
		rest = rest[i+len(part):]
	}
	return true
}
