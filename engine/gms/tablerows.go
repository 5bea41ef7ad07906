package gms

import (
	"strings"
	"time"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/vitess/go/vt/proto/query"

	"weir/engine/rel"
	"weir/sources"
)

const varChar = query.Type_VARCHAR

// What every table and column has in common.
const (
	charset   = "utf8mb4"
	collation = "utf8mb4_0900_bin"
	engine    = "Weir"
	def       = "def" // the one TABLE_CATALOG of MySQL
)

// noTime stands where MySQL has the time of creation, which no source tells and which its clients don't expect to be NULL.
var noTime = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func yesNo(b bool) string {
	if b {
		return "YES"
	}
	return "NO"
}

// orNull is a text, or NULL if it is empty.
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// each goes through all tables.
func each(l []listed, f func(database string, t Table)) {
	for _, d := range l {
		for _, t := range d.tables {
			f(d.name, t)
		}
	}
}

func schemataRows(databases []string) []sql.Row {
	var out []sql.Row
	add := func(name, charset, collation string) {
		out = append(out, sql.Row{def, name, charset, collation, nil, "NO"})
	}
	for _, own := range ownDatabases {
		add(own, "utf8mb3", "utf8mb3_general_ci")
	}
	for _, name := range databases {
		add(name, charset, collation)
	}
	return out
}

func tableRows(l []listed) []sql.Row {
	var out []sql.Row
	each(l, func(db string, t Table) {
		kind := "BASE TABLE"
		var rows any
		if t.Def.Kind == sources.View {
			kind = "VIEW"
		}
		if t.Def.RowCount >= 0 && kind != "VIEW" {
			rows = uint64(t.Def.RowCount)
		}
		comment := t.Def.Comment
		switch {
		case t.Def.Broken != "":
			comment = strings.TrimSpace("can't be read: " + t.Def.Broken + "; " + comment)
		case t.Def.Kind == sources.View && comment == "":
			comment = "VIEW"
		}
		out = append(out, tableRow(db, t.Name, kind, engine, rows, comment))
	})
	return out
}

// tableRow is a line of TABLES.
func tableRow(db, name, kind string, engine, rows any, comment string) sql.Row {
	var version, format, size, collate any
	if kind == "BASE TABLE" {
		version, format, size, collate = int32(10), "Dynamic", uint64(0), collation
	}
	if kind != "BASE TABLE" {
		engine = nil
	}
	return sql.Row{def, db, name, kind, engine, version, format, rows, size, size, size, size, size, nil, noTime, nil, nil, collate, nil, orNull(""), comment}
}

func columnRows(l []listed) []sql.Row {
	var out []sql.Row
	each(l, func(db string, t Table) {
		all := indexes(t.Def)
		for i, c := range t.Def.Columns {
			d := detailsOf(c.Type)
			out = append(out, sql.Row{def, db, t.Name, c.Name, uint32(i + 1), orNull(c.Default), yesNo(!c.Type.NotNull), c.Type.Kind.String(), d.characters, d.octets,
				d.precision, d.scale, d.fsp, d.charset, d.collation, typeText(c.Type), keyOf(t.Def, all, c.Name), "", "select", c.Comment, "", nil})
		}
	})
	return out
}

// details are the columns of COLUMNS that follow from the type; nil where they don't apply.
type details struct{ characters, octets, precision, scale, fsp, charset, collation any }

// longest are the lengths of texts and blobs without a declared one.
const longest = 65535

func detailsOf(t rel.Type) details {
	var d details
	number := func(signed, unsigned int) {
		d.precision, d.scale = uint64(signed), uint64(0)
		if t.Unsigned {
			d.precision = uint64(unsigned)
		}
	}
	n := int64(t.Length)
	if n == 0 {
		n = longest
	}
	switch t.Kind {
	case rel.TinyInt:
		number(3, 3)
	case rel.SmallInt:
		number(5, 5)
	case rel.MediumInt:
		number(7, 7)
	case rel.Int:
		number(10, 10)
	case rel.BigInt:
		number(19, 20)
	case rel.Bit:
		d.precision = uint64(max(t.Length, 1))
	case rel.Decimal:
		d.precision, d.scale = uint64(t.Precision), uint64(t.Scale)
	case rel.Float:
		d.precision = uint64(12)
	case rel.Double:
		d.precision = uint64(22)
	case rel.Time, rel.DateTime, rel.Timestamp:
		d.fsp = uint32(t.Scale)
	case rel.Char, rel.VarChar, rel.Enum, rel.Set:
		d.characters, d.octets, d.charset, d.collation = n, 4*n, charset, collation
	case rel.Text:
		d.characters, d.octets, d.charset, d.collation = n, n, charset, collation
	case rel.Binary, rel.VarBinary, rel.Blob:
		d.characters, d.octets = n, n
	}
	return d
}

func statisticsRows(l []listed) []sql.Row {
	var out []sql.Row
	each(l, func(db string, t Table) {
		for _, i := range indexes(t.Def) {
			nonUnique := int32(1)
			if i.unique {
				nonUnique = 0
			}
			for n, name := range i.columns {
				var cardinality any
				nullable := ""
				for _, c := range t.Def.Columns {
					if c.Name != name {
						continue
					}
					if !c.Type.NotNull {
						nullable = "YES"
					}
					if c.Distinct > 0 {
						cardinality = int64(c.Distinct)
					}
				}
				if i.unique && n == len(i.columns)-1 && t.Def.RowCount >= 0 {
					cardinality = int64(t.Def.RowCount)
				}
				out = append(out, sql.Row{def, db, t.Name, nonUnique, db, i.name, uint32(n + 1), name, "A", cardinality, nil, nil, nullable, "BTREE", "", "", "YES", nil})
			}
		}
	})
	return out
}

func keyColumnRows(l []listed) []sql.Row {
	var out []sql.Row
	each(l, func(db string, t Table) {
		for _, i := range indexes(t.Def) {
			for n, c := range i.columns {
				if i.unique {
					out = append(out, sql.Row{def, db, i.name, def, db, t.Name, c, uint32(n + 1), nil, nil, nil, nil})
				}
			}
		}
		for n, f := range t.Def.ForeignKeys {
			for k, c := range f.Columns {
				var ref any
				if k < len(f.RefColumns) {
					ref = f.RefColumns[k]
				}
				out = append(out, sql.Row{def, db, constraintName(t.Name, f, n), def, db, t.Name, c, uint32(k + 1), uint32(k + 1), db, f.RefTable, ref})
			}
		}
	})
	return out
}

func referentialRows(l []listed) []sql.Row {
	var out []sql.Row
	each(l, func(db string, t Table) {
		for n, f := range t.Def.ForeignKeys {
			out = append(out, sql.Row{def, db, constraintName(t.Name, f, n), def, db, "PRIMARY", "NONE", "NO ACTION", "NO ACTION", t.Name, f.RefTable})
		}
	})
	return out
}

func constraintRows(l []listed) []sql.Row {
	var out []sql.Row
	each(l, func(db string, t Table) {
		for _, i := range indexes(t.Def) {
			switch {
			case i.name == "PRIMARY" && len(t.Def.PrimaryKey) > 0:
				out = append(out, sql.Row{def, db, i.name, db, t.Name, "PRIMARY KEY", "YES"})
			case i.unique:
				out = append(out, sql.Row{def, db, i.name, db, t.Name, "UNIQUE", "YES"})
			}
		}
		for n, f := range t.Def.ForeignKeys {
			out = append(out, sql.Row{def, db, constraintName(t.Name, f, n), db, t.Name, "FOREIGN KEY", "YES"})
		}
	})
	return out
}

func viewRows(l []listed) []sql.Row {
	var out []sql.Row
	each(l, func(db string, t Table) {
		if t.Def.Kind == sources.View {
			out = append(out, sql.Row{def, db, t.Name, "", "NONE", "NO", "", "INVOKER", charset, collation})
		}
	})
	return out
}

// partitionRows has a line for each table, as MySQL has for one without partitions.
func partitionRows(l []listed) []sql.Row {
	var out []sql.Row
	each(l, func(db string, t Table) {
		if t.Def.Kind == sources.View {
			return
		}
		var rows any
		if t.Def.RowCount >= 0 {
			rows = uint64(t.Def.RowCount)
		}
		out = append(out, sql.Row{def, db, t.Name, nil, nil, nil, nil, nil, nil, nil, nil, nil, rows, nil, nil, nil, nil, nil, noTime, nil, nil, nil, "", nil, nil})
	})
	return out
}

func processRows(_ *sql.Context, s *Session) []sql.Row {
	var out []sql.Row
	for _, p := range s.e.cfg.Processes(s.user, s.variables.IsAdmin()) {
		out = append(out, sql.Row{uint64(p.ID), p.User, p.Host, orNull(p.Database), p.Command, int32(time.Since(p.Since) / time.Second), orNull(p.State), orNull(p.Info)})
	}
	return out
}
