package postgres_test

import (
	"strings"

	"weir/engine/rel"
	"weir/sources/sourcetest"
)

// typeCases are all types of PostgreSQL with values at their edges.
func typeCases() []sourcetest.TypeCase {
	type v = value
	text, datetime := rel.TextType, func(scale int) rel.Type { return rel.Type{Kind: rel.DateTime, Scale: scale} }
	varchar := rel.VarCharType
	cases := []typeCase{
		{Column: "smallint", Want: rel.Type{Kind: rel.SmallInt}, Values: []v{{"-32768", "-32768"}, {"0", "0"}, {"32767", "32767"}}},
		{Column: "integer", Want: rel.Type{Kind: rel.Int}, Values: []v{{"-2147483648", "-2147483648"}, {"2147483647", "2147483647"}}},
		{Column: "bigint", Want: rel.BigIntType, Values: []v{{"-9223372036854775808", "-9223372036854775808"}, {"9223372036854775807", "9223372036854775807"}}},

		{Column: "boolean", Want: rel.Type{Kind: rel.TinyInt, Length: 1}, Values: []v{{"true", "1"}, {"false", "0"}}},
		{Column: "oid", Want: rel.Type{Kind: rel.Int, Unsigned: true}, Values: []v{{"0", "0"}, {"4294967295", "4294967295"}}},
		{Column: "real", Want: rel.Type{Kind: rel.Float, Scale: -1}, Values: []v{{"0.1", "0.1"}, {"-3.4028235e38", "-3.4028235e+38"}, {"1e-45", "1e-45"}, {"'NaN'", "error"}}},
		{Column: "double precision", Want: rel.DoubleType, Values: []v{{"0.1", "0.1"}, {"1.7976931348623157e308", "1.7976931348623157e+308"}, {"5e-324", "5e-324"},
			{"'-0'", "-0"}, {"'NaN'", "error"}, {"'Infinity'", "error"}, {"'-Infinity'", "error"}}},
		{Column: "numeric(10,2)", Want: rel.DecimalType(10, 2), Values: []v{{"0", "0.00"}, {"-0.01", "-0.01"}, {"99999999.99", "99999999.99"}, {"100", "100.00"},
			{"10000.1", "10000.10"}, {"-12345678.9", "-12345678.90"}, {"'NaN'", "error"}}},
		{Column: "numeric(5)", Want: rel.DecimalType(5, 0), Values: []v{{"99999", "99999"}, {"-1", "-1"}, {"10000", "10000"}}},
		{Column: "numeric(38,10)", Want: rel.DecimalType(38, 10), Values: []v{{"9999999999999999999999999999.9999999999", "9999999999999999999999999999.9999999999"},
			{"-9999999999999999999999999999.9999999999", "-9999999999999999999999999999.9999999999"}, {"0.0000000001", "0.0000000001"}, {"1e27", "1000000000000000000000000000.0000000000"}}},
		{Column: "numeric(38,0)", Want: rel.DecimalType(38, 0), Values: []v{{"99999999999999999999999999999999999999", "99999999999999999999999999999999999999"}}},
		{Column: "numeric(40,2)", Want: rel.DecimalType(40, 2), Values: []v{{"999999999999999999999999999999999999.99", "999999999999999999999999999999999999.99"},
			{"1000000000000000000000000000000000000.00", "error"}}},
		{Column: "numeric(65,30)", Want: rel.DecimalType(65, 30), Values: []v{{"0.000000000000000000000000000001", "0.000000000000000000000000000001"},
			{"12345678.5", "12345678.500000000000000000000000000000"}, {"123456789", "error"}}},
		{Column: "numeric(66,2)", Want: text, Note: "arrives as text", Values: []v{{strings.Repeat("9", 64) + ".99", `"` + strings.Repeat("9", 64) + `.99"`}}},
		{Column: "numeric(100,50)", Want: text, Note: "arrives as text", Values: []v{{"1.5", `"1.` + "5" + strings.Repeat("0", 49) + `"`}}},
		{Column: "numeric", Want: text, Note: "without precision", Values: []v{{"1.50", `"1.50"`}, {"1e100", `"1` + strings.Repeat("0", 100) + `"`}, {"'NaN'", `"NaN"`}, {"'-Infinity'", `"-Infinity"`}}},
		{Column: "numeric(5,-2)", Want: rel.DecimalType(7, 0), Values: []v{{"1234567", "1234600"}, {"-50", "-100"}, {"49", "0"}}},
		{Column: "numeric(2,4)", Want: rel.DecimalType(4, 4), Values: []v{{"0.0099", "0.0099"}, {"-0.00005", "-0.0001"}}},
		{Column: "money", Want: text, Note: "amount of money", Values: []v{{"'12.5'", `"$12.50"`}}},
		{Column: "character(4)", Want: rel.Type{Kind: rel.Char, Length: 4}, Values: []v{{"''", `""`}, {"'a '", `"a"`}, {"' é '", `" é"`}, {"'😀bcd'", `"😀bcd"`}}},
		{Column: "bpchar", Want: text, Note: "trailing blanks", Values: []v{{"'a  '", `"a"`}}},
		{Column: "character varying(5)", Want: varchar(5), Values: []v{{"''", `""`}, {"'a '", `"a "`}, {"'😀é'", `"😀é"`}}},
		{Column: "character varying", Want: text, Values: []v{{"'a '", `"a "`}}},
		{Column: "character varying(20000)", Want: text, Values: []v{{"repeat('é', 20000)", `"` + strings.Repeat("é", 20000) + `"`}}},
		{Column: "text", Want: text, Values: []v{{"''", `""`}, {`'a''b\c"'`, `"a'b\\c\""`}, {"'ÀÉ😀'", `"ÀÉ😀"`}, {"repeat('x', 100000)", `"` + strings.Repeat("x", 100000) + `"`}}},
		{Column: `text COLLATE "C"`, Want: text, Values: []v{{"'a'", `"a"`}}},
		{Column: `text COLLATE ci`, Want: text, Before: []string{"CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false)"}, Values: []v{{"'Aa'", `"Aa"`}}},
		{Column: "name", Want: varchar(63), Values: []v{{"'pg_class'", `"pg_class"`}}},
		{Column: `"char"`, Want: text, Note: "arrives as text", Values: []v{{"'x'", `"x"`}}},
		{Column: "bytea", Want: rel.Type{Kind: rel.Blob}, Values: []v{{`'\x'`, "x''"}, {`'\x00ff41'`, "x'00FF41'"}}},
		{Column: "date", Want: rel.DateType, Values: []v{{"'1970-01-01'", "1970-01-01"}, {"'0001-01-01'", "0001-01-01"}, {"'9999-12-31'", "9999-12-31"}, {"'2000-02-29'", "2000-02-29"},
			{"'infinity'", "error"}, {"'-infinity'", "error"}, {"'10000-01-01'", "error"}, {"'0001-12-31 BC'", "error"}}},
		{Column: "time", Want: rel.Type{Kind: rel.Time, Scale: 6}, Values: []v{{"'00:00'", "00:00:00.000000"}, {"'23:59:59.999999'", "23:59:59.999999"}, {"'24:00'", "24:00:00.000000"}}},
		{Column: "time(0)", Want: rel.Type{Kind: rel.Time}, Values: []v{{"'12:34:56.5'", "12:34:57.000000"}}},
		{Column: "timetz", Want: varchar(21), Note: "offset from UTC", Values: []v{{"'12:34:56.5+02:30'", `"12:34:56.5+02:30"`}}},
		{Column: "timestamp", Want: datetime(6), Values: []v{{"'2024-03-31 02:30:00.123456'", "2024-03-31 02:30:00.123456"}, {"'0001-01-01'", "0001-01-01 00:00:00.000000"},
			{"'9999-12-31 23:59:59.999999'", "9999-12-31 23:59:59.999999"}, {"'1969-12-31 23:59:59.999999'", "1969-12-31 23:59:59.999999"},
			{"'infinity'", "error"}, {"'-infinity'", "error"}, {"'10000-01-01'", "error"}, {"'0001-12-31 23:59:59 BC'", "error"}}},
		{Column: "timestamp(3)", Want: datetime(3), Values: []v{{"'2024-01-01 00:00:00.1239'", "2024-01-01 00:00:00.124000"}}},
		{Column: "timestamptz", Want: rel.Type{Kind: rel.Timestamp, Scale: 6}, Values: []v{{"'2024-03-31 02:30:00+02'", "2024-03-31 00:30:00.000000"}, {"'2024-10-27 02:30:00 Europe/Berlin'", "2024-10-27 01:30:00.000000"},
			{"'infinity'", "error"}}},
		{Column: "timestamptz(0)", Want: rel.Type{Kind: rel.Timestamp}, Values: []v{{"'2024-01-01 00:00:00+00'", "2024-01-01 00:00:00.000000"}}},
		{Column: "interval", Want: varchar(64), Note: "interval", Values: []v{{"'1 year 2 mons -3 days 04:05:06.789'", `"1 year 2 mons -3 days +04:05:06.789"`}, {"'0'", `"00:00:00"`}}},
		{Column: "uuid", Want: rel.Type{Kind: rel.Char, Length: 36}, Values: []v{{"'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", `"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"`}}},
		{Column: "json", Want: rel.JSONType, Values: []v{{`'{"a": 1.10,  "a":2}'`, `"{\"a\": 1.10,  \"a\":2}"`}, {"'null'", `"null"`}}},
		{Column: "jsonb", Want: rel.JSONType, Values: []v{{`'{"b":1.10,"a":"é"}'`, `"{\"a\": \"é\", \"b\": 1.10}"`}}},
		{Column: "xml", Want: text, Note: "xml", Values: []v{{"'<a>é</a>'", `"<a>é</a>"`}}},
		{Column: "integer[]", Want: text, Note: "array", Values: []v{{"'{}'", `"{}"`}, {"'{{1,NULL},{3,4}}'", `"{{1,NULL},{3,4}}"`}}},
		{Column: "text[]", Want: text, Note: "array", Values: []v{{`ARRAY['a,b', 'c"d', NULL]`, `"{\"a,b\",\"c\\\"d\",NULL}"`}}},
		{Column: "mood", Before: []string{"CREATE TYPE mood AS ENUM ('sad', 'ok', 'it''s')"}, Want: varchar(63), Note: "('sad', 'ok', 'it''s')", Values: []v{{"'ok'", `"ok"`}}},
		{Column: "mood[]", Want: text, Note: "array", Values: []v{{"'{ok,sad}'", `"{ok,sad}"`}}},
		{Column: "pair", Before: []string{"CREATE TYPE pair AS (a int, b text)"}, Want: text, Note: "composite", Values: []v{{"ROW(1, 'x y')", `"(1,\"x y\")"`}}},
		{Column: "positive", Before: []string{"CREATE DOMAIN positive AS integer CHECK (VALUE > 0)"}, Want: rel.Type{Kind: rel.Int}, Values: []v{{"1", "1"}}},
		{Column: "price", Before: []string{"CREATE DOMAIN price0 AS numeric(8,3)", "CREATE DOMAIN price AS price0"}, Want: rel.DecimalType(8, 3), Values: []v{{"1.5", "1.500"}}},
		{Column: "code", Before: []string{"CREATE DOMAIN code AS character(3)"}, Want: rel.Type{Kind: rel.Char, Length: 3}, Values: []v{{"'a'", `"a"`}}},
		{Column: "feeling", Before: []string{"CREATE DOMAIN feeling AS mood"}, Want: varchar(63), Note: "enum", Values: []v{{"'sad'", `"sad"`}}},
		{Column: "int4range", Want: text, Note: "range", Values: []v{{"'(1,5]'", `"[2,6)"`}, {"'empty'", `"empty"`}}},
		{Column: "tstzrange", Want: text, Note: "range", Values: []v{{"'[2024-01-01 01:00+01,)'", `"[\"2024-01-01 00:00:00+00\",)"`}}},
		{Column: "int4multirange", Want: text, Note: "range", Values: []v{{"'{[1,2],[5,6]}'", `"{[1,3),[5,7)}"`}}},
		{Column: "inet", Want: text, Note: "inet", Values: []v{{"'10.0.0.1'", `"10.0.0.1"`}, {"'10.0.0.0/8'", `"10.0.0.0/8"`}, {"'::1'", `"::1"`}}},
		{Column: "cidr", Want: text, Note: "cidr", Values: []v{{"'10.1.0.0/16'", `"10.1.0.0/16"`}}},
		{Column: "macaddr", Want: text, Note: "macaddr", Values: []v{{"'08:00:2b:01:02:03'", `"08:00:2b:01:02:03"`}}},
		{Column: "macaddr8", Want: text, Note: "macaddr8", Values: []v{{"'08:00:2b:01:02:03:04:05'", `"08:00:2b:01:02:03:04:05"`}}},
		{Column: "bit(1)", Want: rel.Type{Kind: rel.Bit, Length: 1}, Values: []v{{"B'1'", "1"}, {"B'0'", "0"}}},
		{Column: "bit(12)", Want: rel.Type{Kind: rel.Bit, Length: 12}, Values: []v{{"B'100000000001'", "2049"}}},
		{Column: "bit(64)", Want: rel.Type{Kind: rel.Bit, Length: 64}, Values: []v{{"(-1)::bigint::bit(64)", "18446744073709551615"}}},
		{Column: "bit(65)", Want: text, Note: "64 bits", Values: []v{{"B'1'::bit(65)", `"1` + strings.Repeat("0", 64) + `"`}}},
		{Column: "bit varying", Want: text, Note: "bits", Values: []v{{"B'101'", `"101"`}, {"B''", `""`}}},
		{Column: "point", Want: text, Note: "point", Values: []v{{"'(1.5,-2)'", `"(1.5,-2)"`}}},
		{Column: "polygon", Want: text, Note: "polygon", Values: []v{{"'((0,0),(1,0),(1,1))'", `"((0,0),(1,0),(1,1))"`}}},
		{Column: "line", Want: text, Note: "line", Values: []v{{"'{1,2,3}'", `"{1,2,3}"`}}},
		{Column: "lseg", Want: text, Note: "lseg", Values: []v{{"'[(0,0),(1,1)]'", `"[(0,0),(1,1)]"`}}},
		{Column: "box", Want: text, Note: "box", Values: []v{{"'(1,1),(0,0)'", `"(1,1),(0,0)"`}}},
		{Column: "path", Want: text, Note: "path", Values: []v{{"'[(0,0),(1,1)]'", `"[(0,0),(1,1)]"`}}},
		{Column: "circle", Want: text, Note: "circle", Values: []v{{"'<(0,0),2>'", `"<(0,0),2>"`}}},
		{Column: "tsvector", Want: text, Note: "tsvector", Values: []v{{"to_tsvector('simple', 'a b')", `"'a':1 'b':2"`}}},
		{Column: "tsquery", Want: text, Note: "tsquery", Values: []v{{"'a & b'", `"'a' & 'b'"`}}},
		{Column: "pg_lsn", Want: text, Note: "pg_lsn", Values: []v{{"'16/B374D848'", `"16/B374D848"`}}},
		{Column: "regclass", Want: text, Note: "regclass", Values: []v{{"'pg_catalog.pg_class'", `"pg_class"`}}},
		{Column: "xid", Want: text, Note: "xid", Values: []v{{"'5'", `"5"`}}},
		{Column: "tid", Want: text, Note: "tid", Values: []v{{"'(1,2)'", `"(1,2)"`}}},
		{Column: "jsonpath", Want: text, Note: "jsonpath", Values: []v{{"'$.a'", `"$.\"a\""`}}},
	}
	out := make([]sourcetest.TypeCase, len(cases))
	for i, c := range cases {
		out[i] = sourcetest.TypeCase{Column: c.Column, Before: c.Before, Want: c.Want, Note: c.Note}
		for _, v := range c.Values {
			out[i].Values = append(out[i].Values, sourcetest.ValueCase{SQL: v.sql, Want: v.want})
		}
	}
	return out
}

type value struct{ sql, want string }

type typeCase struct {
	Column string
	Before []string
	Want   rel.Type
	Note   string
	Values []value
}
