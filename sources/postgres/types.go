package postgres

import (
	"strings"

	"weir/engine/rel"
)

// nativeType is a column's type as the server describes it, domains resolved.
type nativeType struct {
	name    string // format_type of the base type without modifier, such as "numeric" or "timestamp with time zone"
	full    string // with the modifier: "numeric(10,2)"
	mod     int    // the modifier, -1 if there is none
	kind    byte   // typtype: b base, e enum, c composite, r range, m multirange, p pseudo
	element bool   // an array
	system  bool   // defined in pg_catalog
}

// mapType is what a type arrives as. note completes "arrives as text: "; empty for types that arrive as themselves.
func mapType(n nativeType, datesAsText bool) (t rel.Type, note string) {
	t, note = mapped(n)
	if cl := t.Class(); datesAsText && (cl == rel.ClassDate || cl == rel.ClassDateTime) {
		t, note = rel.VarCharType(40), "the option dates_as_text is set"
	}
	t.Native = n.full
	return t, note
}

func mapped(n nativeType) (rel.Type, string) {
	text := func(note string) (rel.Type, string) { return rel.TextType, note }
	switch {
	case n.element:
		return text("a PostgreSQL array")
	case n.kind == 'e':
		return rel.VarCharType(63), "a PostgreSQL enum"
	case n.kind == 'c':
		return text("a PostgreSQL composite type")
	case n.kind == 'r' || n.kind == 'm':
		return text("a PostgreSQL range")
	case !n.system:
		return text("the PostgreSQL type " + n.full)
	}
	switch n.name {
	case "smallint":
		return rel.Type{Kind: rel.SmallInt}, ""
	case "integer":
		return rel.Type{Kind: rel.Int}, ""
	case "bigint":
		return rel.BigIntType, ""
	case "real":
		return rel.Type{Kind: rel.Float, Scale: -1}, ""
	case "double precision":
		return rel.DoubleType, ""
	case "numeric":
		return mapNumeric(n.mod)
	case "boolean":
		return rel.Type{Kind: rel.TinyInt, Length: 1}, ""
	case "oid":
		return rel.Type{Kind: rel.Int, Unsigned: true}, ""
	case "character":
		if n.mod < 4 { // bpchar without a length keeps no blanks either
			return text("character without a length; trailing blanks mean nothing")
		}
		return rel.Type{Kind: rel.Char, Length: n.mod - 4}, ""
	case "character varying":
		if length := n.mod - 4; n.mod >= 4 && length <= 65535/4 {
			return rel.VarCharType(length), ""
		}
		return rel.TextType, ""
	case "text":
		return rel.TextType, ""
	case "name":
		return rel.VarCharType(63), ""
	case "bytea":
		return rel.Type{Kind: rel.Blob}, ""
	case "date":
		return rel.DateType, ""
	case "time without time zone":
		return rel.Type{Kind: rel.Time, Scale: seconds(n.mod)}, ""
	case "timestamp without time zone":
		return rel.Type{Kind: rel.DateTime, Scale: seconds(n.mod)}, ""
	case "timestamp with time zone":
		return rel.Type{Kind: rel.Timestamp, Scale: seconds(n.mod)}, ""
	case "uuid":
		return rel.Type{Kind: rel.Char, Length: 36}, ""
	case "json", "jsonb":
		return rel.JSONType, ""
	case "bit":
		if n.mod >= 1 && n.mod <= 64 {
			return rel.Type{Kind: rel.Bit, Length: n.mod}, ""
		}
		return text("more than 64 bits, as digits 0 and 1")
	case "bit varying":
		return text("bits of varying number, as digits 0 and 1")
	case "money":
		return text("an amount of money in the server's notation (lc_monetary)")
	case "time with time zone":
		return rel.VarCharType(21), "a time of day with its offset from UTC"
	case "interval":
		return rel.VarCharType(64), "a PostgreSQL interval"
	}
	return text("the PostgreSQL type " + n.full)
}

// seconds is the count of fractional digits that a modifier gives.
func seconds(mod int) int {
	if mod < 0 || mod > 6 {
		return 6
	}
	return mod
}

// mapNumeric reads numeric's modifier: precision in the upper half, scale in the lower 11 bits with a sign (PostgreSQL 15).
func mapNumeric(mod int) (rel.Type, string) {
	if mod < 4 {
		return rel.TextType, "a PostgreSQL numeric without precision and scale"
	}
	mod -= 4
	precision, scale := mod>>16&0xffff, (mod&0x7ff^1024)-1024
	if scale < 0 { // digits before the point are rounded away
		precision, scale = precision-scale, 0
	}
	precision = max(precision, scale) // numeric(2,4) holds 0.00dd
	if precision > 65 || scale > 30 {
		return rel.TextType, "a PostgreSQL numeric with more digits than MySQL's 65, 30 of them after the point"
	}
	return rel.DecimalType(precision, scale), ""
}

// comment is a column's comment with a note on how it arrives.
func comment(own, note string) string {
	if note == "" {
		return own
	}
	note = "arrives as text: " + note
	if own == "" {
		return note
	}
	return strings.TrimRight(own, " ") + " (" + note + ")"
}
