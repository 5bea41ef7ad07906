package mysql

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dolthub/vitess/go/sqltypes"
	querypb "github.com/dolthub/vitess/go/vt/proto/query"

	"weir/engine/rel"
	"weir/engine/sqlerr"
)

// arguments converts the values of a COM_STMT_EXECUTE. types are those that the client gave, which the library keeps apart from the
// values: it turns dates into text in a form of its own.
func arguments(n int, types []int32, values map[string]*querypb.BindVariable) ([]*rel.Lit, error) {
	args := make([]*rel.Lit, n)
	for i := range args {
		v := values[fmt.Sprintf("v%d", i+1)]
		if v == nil {
			return nil, sqlerr.WrongArguments.New("Incorrect arguments to mysqld_stmt_execute: no value for parameter %d", i+1)
		}
		given := v.Type
		if i < len(types) && types[i] != 0 {
			given = querypb.Type(types[i])
		}
		var err error
		if args[i], err = argument(given, v); err != nil {
			return nil, err
		}
	}
	return args, nil
}

// argument converts one value; nil is NULL.
func argument(given querypb.Type, v *querypb.BindVariable) (*rel.Lit, error) {
	s := string(v.Value)
	wrong := sqlerr.WrongArguments.New("Incorrect arguments to mysqld_stmt_execute")
	switch v.Type {
	case sqltypes.Null:
		return nil, nil
	case sqltypes.Int64:
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return nil, wrong
		}
		return literal(kindInt, n), nil
	case sqltypes.Uint64:
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			return nil, wrong
		}
		return literal(kindInt, n), nil
	case sqltypes.Float64:
		f, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return nil, wrong
		}
		return literal(kindInt, f), nil
	}
	switch given {
	case sqltypes.Date, sqltypes.Datetime, sqltypes.Timestamp:
		return dateArgument(given, s)
	case sqltypes.Time:
		return timeArgument(s)
	case sqltypes.Decimal:
		return decimalArgument(s)
	case sqltypes.Blob, sqltypes.Text, sqltypes.VarBinary, sqltypes.Binary, sqltypes.Bit, sqltypes.Geometry:
		return &rel.Lit{Value: []byte(s), T: rel.Type{Kind: rel.VarBinary, Length: len(s), NotNull: true}}, nil
	}
	if !utf8.ValidString(s) {
		return &rel.Lit{Value: []byte(s), T: rel.Type{Kind: rel.VarBinary, Length: len(s), NotNull: true}}, nil
	}
	return textLiteral(s), nil
}

// dateArgument reads y-m-d[ h:m:s[.µ]], whose numbers have no leading zeros; the last one is a count of microseconds.
func dateArgument(given querypb.Type, s string) (*rel.Lit, error) {
	wrong := sqlerr.InvalidValue.New("Incorrect DATETIME value of a parameter")
	day, clock, hasClock := strings.Cut(strings.TrimSpace(s), " ")
	if day == "" {
		return nil, sqlerr.InvalidValue.New("Incorrect DATETIME value of a parameter: zero dates can't be compared with anything here")
	}
	n, ok := numbers(day, "--")
	if !ok || n[0] > 9999 || n[1] < 1 || n[1] > 12 || n[2] < 1 {
		return nil, wrong
	}
	t := time.Date(n[0], time.Month(n[1]), n[2], 0, 0, 0, 0, time.UTC)
	if t.Day() != n[2] {
		return nil, wrong
	}
	days := t.Unix() / 86400
	if t.Unix() < 0 && t.Unix()%86400 != 0 {
		days--
	}
	if given == sqltypes.Date {
		return &rel.Lit{Value: rel.DateValue(days), T: notNull(rel.DateType)}, nil
	}
	micros, fsp := int64(0), 0
	if hasClock {
		var h int
		if h, micros, fsp, ok = clockMicros(clock); !ok || h > 23 {
			return nil, wrong
		}
	}
	return &rel.Lit{Value: rel.DateTimeValue(days*microsPerDay + micros), T: rel.Type{Kind: rel.DateTime, Scale: fsp, NotNull: true}}, nil
}

func timeArgument(s string) (*rel.Lit, error) {
	clock, negative := strings.CutPrefix(s, "-")
	h, micros, fsp, ok := clockMicros(clock)
	if !ok || h > 838 {
		return nil, sqlerr.InvalidValue.New("Incorrect TIME value of a parameter")
	}
	if negative {
		micros = -micros
	}
	return &rel.Lit{Value: rel.TimeValue(micros), T: rel.Type{Kind: rel.Time, Scale: fsp, NotNull: true}}, nil
}

// clockMicros reads h:m:s[.µ].
func clockMicros(s string) (hours int, micros int64, fsp int, ok bool) {
	separators := "::"
	if strings.Contains(s, ".") {
		separators, fsp = "::.", 6
	}
	n, ok := numbers(s, separators)
	if !ok || n[1] > 59 || n[2] > 59 || len(n) > 3 && n[3] > 999_999 {
		return 0, 0, 0, false
	}
	micros = (int64(n[0])*3600 + int64(n[1])*60 + int64(n[2])) * microsPerSecond
	if len(n) > 3 {
		micros += int64(n[3])
	}
	return n[0], micros, fsp, true
}

// numbers reads numbers with these separators between them.
func numbers(s, separators string) ([]int, bool) {
	out := make([]int, 0, 4)
	for i := 0; ; i++ {
		part := s
		if i < len(separators) {
			var found bool
			if part, s, found = strings.Cut(s, separators[i:i+1]); !found {
				return nil, false
			}
		}
		n, err := strconv.ParseUint(part, 10, 31)
		if err != nil {
			return nil, false
		}
		out = append(out, int(n))
		if i == len(separators) {
			return out, true
		}
	}
}

// decimalArgument reads a decimal in plain notation.
func decimalArgument(s string) (*rel.Lit, error) {
	wrong := sqlerr.InvalidValue.New("Incorrect DECIMAL value of a parameter")
	digits, negative := strings.CutPrefix(strings.TrimSpace(s), "-")
	digits = strings.TrimPrefix(digits, "+")
	whole, fraction, hasPoint := strings.Cut(digits, ".")
	for _, part := range []string{whole, fraction} {
		if strings.Trim(part, "0123456789") != "" {
			return nil, wrong
		}
	}
	if whole == "" && fraction == "" {
		return nil, wrong
	}
	whole = strings.TrimLeft(whole, "0")
	precision := len(whole) + len(fraction)
	if precision > 65 || len(fraction) > 30 {
		return nil, wrong
	}
	if whole == "" {
		whole = "0"
	}
	text := whole
	if hasPoint && fraction != "" {
		text += "." + fraction
	}
	if negative {
		text = "-" + text
	}
	return &rel.Lit{Value: rel.DecimalText(text), T: notNull(rel.DecimalType(max(precision, 1), len(fraction)))}, nil
}
