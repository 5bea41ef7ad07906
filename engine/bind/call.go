package bind

import (
	"strings"

	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/rel"
	"weir/engine/sqlerr"
)

// synonyms are the functions that are others by another name.
var synonyms = map[string]rel.Op{
	"lcase": "lower", "ucase": "upper", "substring": "substr", "mid": "substr", "octet_length": "length",
	"character_length": "char_length", "ceiling": "ceil", "power": "pow", "sha": "sha1", "json_merge": "json_merge_preserve",
}

// refused are functions of MySQL that Weir knows and does not offer, with the reason.
var refused = map[string]string{
	"rand": "RAND(): its values can't be the same on every path", "uuid": "UUID()", "uuid_short": "UUID_SHORT()", "random_bytes": "RANDOM_BYTES()",
	"sleep": "SLEEP()", "benchmark": "BENCHMARK()", "get_lock": "GET_LOCK()", "release_lock": "RELEASE_LOCK()", "is_free_lock": "IS_FREE_LOCK()",
	"found_rows": "FOUND_ROWS()", "load_file": "LOAD_FILE()", "master_pos_wait": "MASTER_POS_WAIT()",
	"encrypt": "ENCRYPT()", "aes_encrypt": "AES_ENCRYPT()", "aes_decrypt": "AES_DECRYPT()", "compress": "COMPRESS()", "uncompress": "UNCOMPRESS()",
	"uuid_to_bin": "UUID_TO_BIN()", "bin_to_uuid": "BIN_TO_UUID()", "is_uuid": "IS_UUID()", "name_const": "NAME_CONST()",
	"weight_string": "WEIGHT_STRING()", "export_set": "EXPORT_SET()", "extractvalue": "EXTRACTVALUE()", "updatexml": "UPDATEXML()",
	"grouping": "GROUPING()", "json_schema_valid": "JSON_SCHEMA_VALID()", "json_storage_size": "JSON_STORAGE_SIZE()",
	"geomfromtext": "spatial functions", "st_geomfromtext": "spatial functions", "st_astext": "spatial functions", "st_distance": "spatial functions",
	"st_contains": "spatial functions", "st_x": "spatial functions", "st_y": "spatial functions", "point": "spatial functions",
}

// function binds a call: aggregates and window functions, constants of the statement and session, special forms, then the table.
func (x *binding) function(e *sqlparser.FuncExpr) rel.Expr {
	name := e.Name.Lowered()
	if !e.Qualifier.IsEmpty() {
		fail(sqlerr.UnknownFunction.New("FUNCTION %s.%s does not exist", e.Qualifier.String(), e.Name.String()))
	}
	if e.Over != nil {
		return x.windowFunction(e)
	}
	if _, only := windowOnly[name]; only {
		fail(sqlerr.Syntax.New("You have an error in your SQL syntax: %s needs an OVER clause", name))
	}
	if aggregateNames[name] != "" {
		return x.aggregate(e)
	}
	if v, ok := x.sessionFunction(name, e); ok {
		return v
	}
	if v, ok := x.fact(name, e); ok {
		return v
	}
	if name == anyFunction || name == allFunction || name == memberFunction {
		fail(sqlerr.Syntax.New("You have an error in your SQL syntax: ANY, ALL and MEMBER OF need a comparison before them"))
	}
	if special, ok := specials[name]; ok {
		return special(x, e)
	}
	if what, ok := refused[name]; ok {
		unsupported("%s", what)
	}
	op := rel.Op(name)
	if s, ok := synonyms[name]; ok {
		op = s
	}
	sig := rel.Functions[op]
	if sig == nil || op == "char_text" || op == "json_member_of" {
		x.unknownFunction(e)
	}
	args := x.operandsOf(e)
	if len(args) < sig.Min || sig.Max >= 0 && len(args) > sig.Max {
		wrongCount(e.Name.String())
	}
	return x.apply(op, args...)
}

// fact answers a function about the principal (see Env.Facts).
func (x *binding) fact(name string, e *sqlparser.FuncExpr) (rel.Expr, bool) {
	if x.b.env.Facts == nil {
		return nil, false
	}
	args := make([]string, len(e.Exprs))
	for i, a := range e.Exprs {
		a, ok := a.(*sqlparser.AliasedExpr)
		if !ok {
			return nil, false
		}
		v, ok := a.Expr.(*sqlparser.SQLVal)
		if !ok || v.Type != sqlparser.StrVal {
			return nil, false
		}
		args[i] = string(v.Val)
	}
	v, ok := x.b.env.Facts(name, args)
	if !ok {
		return nil, false
	}
	return v, true
}

// arguments binds a call's operands as values.
func (x *binding) arguments(e *sqlparser.FuncExpr) []rel.Expr {
	out := x.operandsOf(e)
	for i := range out {
		out[i] = asValue(out[i])
	}
	return out
}

// operandsOf binds a call's operands; predicates stay predicates.
func (x *binding) operandsOf(e *sqlparser.FuncExpr) []rel.Expr {
	var out []rel.Expr
	for _, se := range e.Exprs {
		a, ok := se.(*sqlparser.AliasedExpr)
		if !ok {
			fail(sqlerr.Syntax.New("You have an error in your SQL syntax: * is not allowed in %s()", e.Name.String()))
		}
		if _, isInterval := a.Expr.(*sqlparser.IntervalExpr); isInterval {
			fail(sqlerr.Syntax.New("You have an error in your SQL syntax: INTERVAL is not allowed in %s()", e.Name.String()))
		}
		out = append(out, x.expr(a.Expr))
	}
	return out
}

// apply makes a call of a function of rel.Functions: operands cast to what it asks for, the type by its rule.
func (x *binding) apply(op rel.Op, args ...rel.Expr) rel.Expr {
	sig := rel.Functions[op]
	cast := make([]rel.Expr, len(args))
	binary := false
	for i, a := range args {
		binary = binary || sig.Operand(i) == rel.StringOperand && x.binaryString(asValue(a))
	}
	var shared []rel.Expr
	for i, a := range args {
		if sig.Operand(i) == rel.CommonOperand {
			shared = append(shared, asValue(a))
		}
	}
	for i, a := range args {
		if o := sig.Operand(i); o == rel.ValueOperand {
			cast[i] = jsonMember(a)
		} else {
			cast[i] = x.operand(o, asValue(a), binary)
		}
	}
	if shared != nil {
		return x.applyCommon(op, sig, shared)
	}
	return &rel.Call{Op: op, Args: cast, T: sig.ResultType(cast)}
}

// operand converts one operand.
func (x *binding) operand(o rel.Operand, e rel.Expr, binary bool) rel.Expr {
	t := e.Type()
	switch o {
	case rel.TextOperand, rel.PathOperand:
		return x.asText(e)
	case rel.StringOperand:
		if binary {
			return x.asBinary(e)
		}
		return x.asText(e)
	case rel.IntOperand:
		e = x.asInt(e)
		if e.Type().Class() == rel.ClassInt {
			return widen(x, e)
		}
		return x.cast(e, rel.BigIntType)
	case rel.NumberOperand:
		e = x.asNumber(e)
		switch e.Type().Class() {
		case rel.ClassInt:
			return widen(x, e)
		case rel.ClassNull:
			return null(rel.BigIntType)
		}
		return e
	case rel.DoubleOperand:
		return x.cast(x.asNumber(e), rel.DoubleType)
	case rel.DateOperand:
		if t.Class() == rel.ClassDate {
			return e
		}
		return x.asMoment(e)
	case rel.DateTimeOperand:
		return x.asMoment(e)
	case rel.TimeOperand:
		return x.asTime(e)
	case rel.TemporalOperand:
		if t.IsTemporal() {
			return e
		}
		return x.asMoment(e)
	case rel.JSONOperand:
		switch t.Class() {
		case rel.ClassJSON:
			return e
		case rel.ClassText, rel.ClassNull:
			return x.cast(e, rel.JSONType)
		}
		fail(sqlerr.Kind{Code: 3146, State: "22032"}.New("Invalid data type for JSON data in argument 1 to function; a JSON string or JSON type is required."))
	}
	return leaveBlock(e)
}

// jsonMember is a value that becomes a part of a JSON document: a predicate becomes true or false, not a number.
func jsonMember(e rel.Expr) rel.Expr {
	if e.Type().Kind != rel.Bool {
		return leaveBlock(e)
	}
	lit := func(s string) rel.Expr {
		return &rel.Lit{Value: s, T: rel.Type{Kind: rel.JSON, NotNull: true}}
	}
	if l, ok := e.(*rel.Lit); ok {
		switch l.Value {
		case true:
			return lit("true")
		case false:
			return lit("false")
		}
		return null(rel.JSONType)
	}
	t := rel.JSONType
	t.NotNull = e.Type().NotNull
	if t.NotNull {
		return call(rel.OpCase, t, e, lit("true"), lit("false"))
	}
	return call(rel.OpCase, t, e, lit("true"), not(e), lit("false"), null(rel.JSONType))
}

// asInt makes an integer of a number; text gives its leading integer.
func (x *binding) asInt(e rel.Expr) rel.Expr {
	t := e.Type()
	if t.Class() == rel.ClassText {
		return x.cast(e, rel.BigIntType)
	}
	e = x.asNumber(e)
	if e.Type().Class() == rel.ClassInt {
		return e
	}
	return x.cast(e, rel.BigIntType)
}

// asMoment makes a date and time: text and numbers are read as one, with fractions.
func (x *binding) asMoment(e rel.Expr) rel.Expr {
	t := e.Type()
	switch t.Class() {
	case rel.ClassDateTime:
		return e
	case rel.ClassDate:
		return x.cast(e, rel.DateTimeType)
	case rel.ClassTime:
		return x.timeToday(e, rel.Type{Kind: rel.DateTime, Scale: t.Scale})
	case rel.ClassInt:
		return x.cast(e, rel.DateTimeType)
	case rel.ClassNull:
		return null(rel.DateTimeType)
	case rel.ClassText:
		if l, ok := e.(*rel.Lit); ok && l.Value != nil {
			if m, isMoment := parseDateTime(l.Value.(string)); isMoment {
				return &rel.Lit{Value: m.dateTime(), T: rel.Type{Kind: rel.DateTime, Scale: m.scale, NotNull: true}}
			}
		}
	}
	return x.cast(e, rel.Type{Kind: rel.DateTime, Scale: 6})
}

// asTime makes a TIME.
func (x *binding) asTime(e rel.Expr) rel.Expr {
	t := e.Type()
	switch t.Class() {
	case rel.ClassTime:
		return e
	case rel.ClassDateTime, rel.ClassDecimal:
		return x.cast(e, rel.Type{Kind: rel.Time, Scale: min(t.Scale, 6)})
	case rel.ClassDate, rel.ClassInt, rel.ClassNull:
		return x.cast(e, rel.Type{Kind: rel.Time})
	case rel.ClassText:
		if l, ok := e.(*rel.Lit); ok && l.Value != nil {
			if v, scale, isTime := parseTime(l.Value.(string)); isTime {
				return &rel.Lit{Value: v, T: rel.Type{Kind: rel.Time, Scale: scale, NotNull: true}}
			}
		}
	}
	return x.cast(e, rel.Type{Kind: rel.Time, Scale: 6})
}

// applyCommon makes a call whose operands are compared with each other.
func (x *binding) applyCommon(op rel.Op, sig *rel.Signature, args []rel.Expr) rel.Expr {
	t := x.common(args)
	temporal, text, number := 0, 0, 0
	for _, a := range args {
		switch c := a.Type().Class(); {
		case a.Type().IsTemporal():
			temporal++
		case c == rel.ClassText || c == rel.ClassBinary:
			text++
		case a.Type().IsNumeric():
			number++
		}
	}
	switch {
	case op == "field":
		// All text is compared as text, all numbers as numbers, anything else as DOUBLE.
		if text != len(args) && !t.IsNumeric() {
			t = rel.DoubleType
			for i := range args {
				args[i] = x.asNumber(args[i])
			}
		}
	case temporal > 0 && (text > 0 || number > 0):
		x.datesAmong(op, args)
		// The result is text, as MySQL's type rules have it for a date with text.
		return x.asText(x.applyCommon(op, sig, args))
	}
	t.NotNull = true
	for i, a := range args {
		args[i] = x.cast(a, t)
		t.NotNull = t.NotNull && args[i].Type().NotNull
	}
	if sig.Result != nil {
		t = sig.ResultType(args)
	}
	return &rel.Call{Op: op, Args: args, T: t}
}

// datesAmong makes dates of the constants among dates in GREATEST and LEAST: MySQL compares all as dates then, and gives the text of the one that is
// found. What is no constant of the others' own kind is refused, since its text would not be the date's.
func (x *binding) datesAmong(op rel.Op, args []rel.Expr) {
	var kind rel.Type
	for _, a := range args {
		if t := plain(a.Type()); t.IsTemporal() {
			if kind.IsTemporal() && kind != t {
				unsupported("%s of dates and times of different types with others; cast them", strings.ToUpper(string(op)))
			}
			kind = t
		}
	}
	for i, a := range args {
		if a.Type().IsTemporal() || a.Type().Kind == rel.Null {
			continue
		}
		fits := false
		if l, ok := a.(*rel.Lit); ok && a.Type().Class() == rel.ClassText {
			text, _ := l.Value.(string)
			if kind.Class() == rel.ClassTime {
				_, scale, ok := parseTime(text)
				fits = ok && scale <= kind.Scale
			} else if v, ok := parseDateTime(text); ok {
				fits = v.scale <= kind.Scale && (kind.Class() == rel.ClassDateTime || v.midnight())
			}
		}
		if !fits {
			unsupported("%s of a date or time with text or numbers; cast them", strings.ToUpper(string(op)))
		}
		args[i] = x.cast(a, kind)
	}
}

// sessionFunction folds the functions whose value the statement or session fixes.
func (x *binding) sessionFunction(name string, e *sqlparser.FuncExpr) (rel.Expr, bool) {
	b, s := x.b, x.b.env.Session
	var out rel.Expr
	scale := 0
	if len(e.Exprs) == 1 && timeFunctions[name] {
		l, ok := x.arguments(e)[0].(*rel.Lit)
		n, isInt := int64(0), false
		if ok {
			n, isInt = l.Value.(int64)
		}
		if !isInt || n < 0 || n > 6 {
			fail(errTooBigPrecision.New("Too-big precision %s specified for '%s'. Maximum is 6.", sqlparser.String(e.Exprs[0]), name))
		}
		scale = int(n)
	} else if len(e.Exprs) > 0 {
		if sessionFunctions[name] {
			wrongCount(e.Name.String())
		}
		return nil, false
	}
	notNull := func(t rel.Type) rel.Type { t.NotNull = true; return t }
	optional := func(v string) rel.Expr {
		if v == "" {
			return null(rel.VarCharType(64))
		}
		return textLit(v)
	}
	moment := func(zoned bool) rel.DateTimeValue {
		if zoned {
			return b.wall(b.zone(), scale)
		}
		return b.wall(utc, scale)
	}
	zoned := !strings.HasPrefix(name, "utc_")
	switch name {
	case "now", "current_timestamp", "localtime", "localtimestamp", "sysdate", "utc_timestamp":
		out = &rel.Lit{Value: moment(zoned), T: notNull(rel.Type{Kind: rel.DateTime, Scale: scale})}
	case "curdate", "current_date", "utc_date":
		out = &rel.Lit{Value: rel.DateValue(floorDiv(int64(moment(zoned)), dayMicros)), T: notNull(rel.DateType)}
	case "curtime", "current_time", "utc_time":
		v := int64(moment(zoned))
		out = &rel.Lit{Value: rel.TimeValue(v - floorDiv(v, dayMicros)*dayMicros), T: notNull(rel.Type{Kind: rel.Time, Scale: scale})}
	case "unix_timestamp":
		out = intLit(b.env.Now.Unix())
	case "database", "schema":
		out = optional(s.Database())
	case "user", "session_user", "system_user":
		out = textLit(s.User())
	case "current_user":
		out = textLit(s.CurrentUser())
	case "current_role":
		out = textLit(s.CurrentRole())
	case "connection_id":
		out = &rel.Lit{Value: uint64(s.ConnectionID()), T: notNull(rel.UBigIntType)}
	case "version":
		out = textLit("8.0.36-weir")
		if v, ok := s.SystemVariable("", "version"); ok && v != nil {
			out = v
		}
	case "last_insert_id":
		out = &rel.Lit{Value: uint64(0), T: notNull(rel.UBigIntType)}
	case "row_count":
		out = intLit(-1)
	case "pi":
		out = doubleLit(3.141592653589793)
	default:
		return nil, false
	}
	return out, true
}

// sessionFunctions take no operands.
var sessionFunctions = map[string]bool{"curdate": true, "current_date": true, "utc_date": true, "database": true, "schema": true, "user": true,
	"session_user": true, "system_user": true, "current_user": true, "current_role": true, "connection_id": true, "version": true,
	"row_count": true, "pi": true}

// timeFunctions take a count of fractional digits.
var timeFunctions = map[string]bool{"now": true, "current_timestamp": true, "localtime": true, "localtimestamp": true, "sysdate": true,
	"utc_timestamp": true, "curtime": true, "current_time": true, "utc_time": true}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// substring binds SUBSTRING(x FROM n FOR m).
func (x *binding) substring(e *sqlparser.SubstrExpr) rel.Expr {
	var s rel.Expr
	if e.Name != nil {
		s = asValue(x.columnOrVariable(e.Name))
	} else {
		s = x.value(e.StrVal)
	}
	args := []rel.Expr{s, x.value(e.From)}
	if e.To != nil {
		args = append(args, x.value(e.To))
	}
	return x.apply("substr", args...)
}

// char binds CHAR(n, … USING charset).
func (x *binding) char(e *sqlparser.CharExpr) rel.Expr {
	var args []rel.Expr
	for _, se := range e.Exprs {
		a, ok := se.(*sqlparser.AliasedExpr)
		if !ok {
			wrongCount("char")
		}
		args = append(args, x.value(a.Expr))
	}
	if e.Type == "" || strings.EqualFold(e.Type, "binary") {
		return x.apply("char", args...)
	}
	checkCharset(e.Type)
	return x.apply("char_text", args...)
}
