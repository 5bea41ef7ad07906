package rel

// The operators. Operand classes are what the binder guarantees after it has inserted casts.
const (
	// Logic: operands and result are Bool, three-valued.
	OpAnd Op = "and" // two or more operands
	OpOr  Op = "or"  // two or more operands
	OpNot Op = "not"
	OpXor Op = "xor"

	// Comparison: both operands have one class (and for Int, Decimal and Double any width of it; Bool never); result Bool.
	// Int against Decimal is compared as Decimal, and either against Double or text as Double.
	OpEq     Op = "="
	OpNe     Op = "<>"
	OpLt     Op = "<"
	OpLe     Op = "<="
	OpGt     Op = ">"
	OpGe     Op = ">="
	OpNullEq Op = "<=>"

	// Tests: result Bool, never NULL for the first two.
	OpIsNull Op = "isnull" // any operand
	OpIsTrue Op = "istrue" // Bool operand: true when it is true, false when false or NULL
	OpIn     Op = "in"     // x, then one or more values of x's class; three-valued
	OpLike   Op = "like"   // text, pattern text, escape text literal ("" means no escape character); by code point
	OpRegexp Op = "regexp" // text, pattern text

	// Arithmetic: both operands BigInt (signed or unsigned), both Decimal, or both Double; result of that class.
	OpAdd    Op = "+"
	OpSub    Op = "-"
	OpMul    Op = "*"
	OpDiv    Op = "/"   // Decimal or Double only; NULL on division by zero
	OpIntDiv Op = "div" // result BigInt; NULL on division by zero
	OpMod    Op = "%"   // NULL on division by zero; the sign is the dividend's
	OpNeg    Op = "neg"

	// Bits: operands and result unsigned BigInt.
	OpBitAnd Op = "&"
	OpBitOr  Op = "|"
	OpBitXor Op = "^"
	OpBitNot Op = "~"
	OpShl    Op = "<<"
	OpShr    Op = ">>"

	// Conditional. Case is cond1, value1, cond2, value2 …, else: conditions are Bool, values of the result's class, ELSE always
	// present. If, Ifnull, Nullif and Coalesce are written as Case by the binder, so that a dialect needs one form;
	// Coalesce is kept because every system has it.
	OpCase     Op = "case"
	OpCoalesce Op = "coalesce"

	// Cast converts its operand to T. It covers every implicit conversion too, so it is MySQL's lenient one: text that
	// is no number gives its numeric prefix or 0; text that is no date gives NULL. A cast between decimals rounds half away from zero.
	OpCast Op = "cast"

	// Interval arithmetic: date_add(date or datetime or time, n, unit literal in upper case such as DAY or MINUTE_SECOND).
	// Subtraction is date_add of the negated n. n is BigInt, Decimal for SECOND, or text for compound units.
	OpDateAdd Op = "date_add"
	// Extract(unit literal, date or datetime or time).
	OpExtract Op = "extract"
)

// Comparisons maps a comparison to the one that holds with its operands swapped.
var Comparisons = map[Op]Op{OpEq: OpEq, OpNe: OpNe, OpLt: OpGt, OpLe: OpGe, OpGt: OpLt, OpGe: OpLe, OpNullEq: OpNullEq}
