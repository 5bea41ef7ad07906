package mysql

import (
	"reflect"
	"testing"

	"github.com/dolthub/vitess/go/sqltypes"
	querypb "github.com/dolthub/vitess/go/vt/proto/query"
	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/rel"
)

func TestArgument(t *testing.T) {
	for _, c := range []struct {
		given querypb.Type
		as    querypb.Type // the library's own type for it
		text  string
		want  any
		kind  rel.Kind
		scale int
	}{
		{sqltypes.Int64, sqltypes.Int64, "-5", int64(-5), rel.BigInt, 0},
		{sqltypes.Uint64, sqltypes.Uint64, "18446744073709551615", ^uint64(0), rel.BigInt, 0},
		{sqltypes.Float64, sqltypes.Float64, "0.1", 0.1, rel.Double, -1},
		{sqltypes.VarChar, sqltypes.VarBinary, "é", "é", rel.VarChar, 0},
		{sqltypes.VarChar, sqltypes.VarBinary, "\xff", []byte("\xff"), rel.VarBinary, 0},
		{sqltypes.Blob, sqltypes.VarBinary, "ab", []byte("ab"), rel.VarBinary, 0},
		{sqltypes.Decimal, sqltypes.VarBinary, "-012.50", rel.DecimalText("-12.50"), rel.Decimal, 2},
		{sqltypes.Decimal, sqltypes.VarBinary, ".5", rel.DecimalText("0.5"), rel.Decimal, 1},
		{sqltypes.Date, sqltypes.VarChar, "2024-2-29", rel.DateValue(19782), rel.Date, 0},
		{sqltypes.Date, sqltypes.VarChar, "1969-12-31", rel.DateValue(-1), rel.Date, 0},
		{sqltypes.Datetime, sqltypes.VarChar, "1970-1-1", rel.DateTimeValue(0), rel.DateTime, 0},
		{sqltypes.Datetime, sqltypes.VarChar, "1970-1-1 0:0:1", rel.DateTimeValue(1_000_000), rel.DateTime, 0},
		// The library writes microseconds without leading zeros: this is 500 of them, not half a second.
		{sqltypes.Datetime, sqltypes.VarChar, "1970-1-1 0:0:1.500", rel.DateTimeValue(1_000_500), rel.DateTime, 6},
		{sqltypes.Time, sqltypes.VarChar, "-25:0:1.5", rel.TimeValue(-90_001_000_005), rel.Time, 6},
		{sqltypes.Time, sqltypes.VarChar, "00:00:00", rel.TimeValue(0), rel.Time, 0},
	} {
		l, err := argument(c.given, &querypb.BindVariable{Type: c.as, Value: []byte(c.text)})
		if err != nil {
			t.Errorf("%v %q: %v", c.given, c.text, err)
			continue
		}
		if !reflect.DeepEqual(l.Value, c.want) || l.T.Kind != c.kind || l.T.Scale != c.scale {
			t.Errorf("%v %q: %#v %s, want %#v", c.given, c.text, l.Value, l.T, c.want)
		}
	}
	for given, text := range map[querypb.Type]string{sqltypes.Date: "2023-2-29", sqltypes.Datetime: "2023-1-1 24:0:0", sqltypes.Time: "839:0:0", sqltypes.Decimal: "1e5"} {
		if l, err := argument(given, &querypb.BindVariable{Type: sqltypes.VarChar, Value: []byte(text)}); err == nil {
			t.Errorf("%v %q is taken as %v", given, text, l.Value)
		}
	}
	if l, err := argument(sqltypes.VarChar, &querypb.BindVariable{Type: sqltypes.Null}); l != nil || err != nil {
		t.Errorf("NULL: %v %v", l, err)
	}
}

func FuzzArgument(f *testing.F) {
	for _, given := range []querypb.Type{sqltypes.Date, sqltypes.Datetime, sqltypes.Time, sqltypes.Decimal, sqltypes.VarChar} {
		for _, text := range []string{"", " ", "2024-1-1 0:0:0.5", "-1:2:3", "1.5", "..", "-", "9999999999999-1-1", "1-1-1 1:1:1.9999999"} {
			f.Add(int32(given), text)
		}
	}
	f.Fuzz(func(t *testing.T, given int32, text string) {
		l, err := argument(querypb.Type(given), &querypb.BindVariable{Type: sqltypes.VarChar, Value: []byte(text)})
		if err != nil {
			return
		}
		switch v := l.Value.(type) {
		case rel.TimeValue:
			if v > 839*3600*1e6 || v < -839*3600*1e6 {
				t.Errorf("%q is the time %d", text, v)
			}
		case rel.DateValue:
			if v < -719528 || v > 2932896 {
				t.Errorf("%q is the day %d", text, v)
			}
		case rel.DecimalText:
			if l.T.Precision > 65 || l.T.Scale > 30 || l.T.Scale > l.T.Precision {
				t.Errorf("%q is %s", text, l.T)
			}
		case string, []byte, rel.DateTimeValue:
		default:
			t.Errorf("%q became %T", text, v)
		}
	})
}

// Parameters count wherever they stand: a driver that is told of fewer can't bind the others.
func TestCountParams(t *testing.T) {
	for text, want := range map[string]int{
		"select ?, ':v1', \":v2\" from a.b where c = ? limit ?": 3, "select 1": 0,
		"select ?": 1, "explain select ? from t where a = ?": 2,
		"with w as (select ? as a) select a from w where a > ?":                                               2,
		"with w as (select ? as a), v as (select a from w where a = ?) select a from v union select ?":        3,
		"select ? union select ? order by ? limit ? offset ?":                                                 5,
		"(select a from t limit ?) union (select ? from u where exists (select 1 from w where b = ?))":        3,
		"select sum(a) over w from t window w as (partition by b + ?)":                                        1,
		"select * from t join json_table(?, '$[*]' columns (a int path '$.a')) j on a = ?":                    2,
		"select trim(? from ?), substring(a from ? for ?), extract(year from ?), date_add(?, interval ? day)": 7,
		"select group_concat(? order by ? separator 'x'), case ? when ? then ? else ? end":                    6,
	} {
		stmt, err := parse(t.Context(), text, sqlparser.ParserOptions{})
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if n := countParams(stmt); n != want {
			t.Errorf("%s: %d parameters, want %d", text, n, want)
		}
	}
}
