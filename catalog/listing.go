package catalog

import (
	"slices"
	"strings"
	"time"

	"weir/engine/sqlerr"
	"weir/sources"
)

// Table is a table as users see it. It is read-only.
type Table struct {
	Database string
	Name     string // Def.Name, with the schema and a dot in front where the source shows several schemas
	Def      sources.Table
}

// listing is what one reading of a source's tables found. It is never changed.
type listing struct {
	tables []*Table // by name
	byName map[string]*Table
	bare   map[string][]*Table // by name without schema, where users see names with one
	readAt time.Time
	took   time.Duration
	epoch  uint64
}

func newListing(database string, defs []sources.Table, epoch uint64) *listing {
	l := &listing{byName: make(map[string]*Table, len(defs)), readAt: time.Now(), epoch: epoch}
	several := slices.ContainsFunc(defs, func(t sources.Table) bool { return t.Schema != defs[0].Schema })
	if several {
		l.bare = map[string][]*Table{}
	}
	for i := range defs {
		t := &Table{Database: database, Name: defs[i].Name, Def: defs[i]}
		if several {
			t.Name = defs[i].Schema + "." + defs[i].Name
			l.bare[defs[i].Name] = append(l.bare[defs[i].Name], t)
		}
		if _, taken := l.byName[t.Name]; taken {
			continue // two tables of one name can't both be meant; the first is the source's preferred one
		}
		l.byName[t.Name] = t
		l.tables = append(l.tables, t)
	}
	slices.SortFunc(l.tables, func(a, b *Table) int { return strings.Compare(a.Name, b.Name) })
	return l
}

// find returns the table of a name, or an error that tells the nearest one.
func (l *listing) find(database, name string) (*Table, error) {
	if t, ok := l.byName[name]; ok {
		return t, nil
	}
	switch same := l.bare[name]; len(same) {
	case 0:
	case 1:
		return same[0], nil
	default:
		names := make([]string, len(same))
		for i, t := range same {
			names[i] = "`" + t.Name + "`"
		}
		return nil, sqlerr.UnknownTable.New("Table '%s.%s' is in several schemas; write one of %s", database, name, strings.Join(names, ", "))
	}
	for _, t := range l.tables {
		if strings.EqualFold(t.Name, name) || strings.EqualFold(t.Def.Name, name) {
			return nil, sqlerr.UnknownTable.New("Table '%s.%s' doesn't exist (names are case-sensitive: there is '%s')", database, name, t.Name)
		}
	}
	return nil, sqlerr.UnknownTable.New("Table '%s.%s' doesn't exist", database, name)
}
