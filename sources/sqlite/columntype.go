package sqlite

import (
	"regexp"
	"strconv"
	"strings"

	"weir/engine/dialect"
	"weir/engine/rel"
)

// place is where a column's values are kept, as far as that bears on their type.
type place struct {
	sure      bool   // SQLite enforces the column's type: the row id, or a column of a STRICT table
	check     string // what a CHECK guarantees; see columnText
	opaque    bool   // a view or a virtual table: nothing is known of how values are stored
	collation string
	utf16     bool
	notNull   bool
}

var (
	declaration = regexp.MustCompile(`^([^()]*)(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?[^()]*$`)
	integerWord = regexp.MustCompile(`^(TINY|SMALL|MEDIUM|BIG|LONG)?INT(EGER)?[0-9]*$`)
)

// columnType maps a declared type, which may be empty. note says what a reader of the column's comment should know.
//
// Where a name is listed it is taken at its word; every other type arrives as text, written out from whatever is stored.
func columnType(declared string, at place) (t rel.Type, note string) {
	t, exact := namedType(declared)
	native := strings.ReplaceAll(declared, "*", "")
	switch {
	case !exact && strings.TrimSpace(declared) == "":
		note = "no declared type: arrives as text"
	case !exact:
		note = "type " + strings.TrimSpace(declared) + ": arrives as text"
	}
	mark := ""
	switch {
	case at.opaque, t.Class() == rel.ClassText && (!exact || affinity(declared) != "TEXT"):
		mark = dialect.SQLiteOpaque
	case at.guarantees(t):
		mark = dialect.SQLiteSure
		if t.Kind == rel.DateTime { // the function datetime writes whole seconds
			t.Scale = 0
		}
	}
	if t.Class() == rel.ClassText {
		if at.utf16 {
			mark = dialect.SQLiteUTF16
		}
		if at.collation != "BINARY" {
			t.Collation = at.collation
		}
	}
	t.Native = strings.TrimSpace(native + " " + mark)
	t.NotNull = at.notNull
	return t, note
}

// guarantees reports whether every stored value is one of the type, in the one form that it has inside a statement.
func (at place) guarantees(t rel.Type) bool {
	switch t.Kind {
	case rel.BigInt:
		return at.sure || at.check == "integer"
	case rel.Text, rel.VarChar:
		return at.sure || at.check == "text"
	case rel.Date:
		return at.check == "date"
	case rel.DateTime:
		return at.check == "datetime"
	}
	return false
}

// namedType is what a type's name promises; exact is false if the name is not known.
func namedType(declared string) (t rel.Type, exact bool) {
	m := declaration.FindStringSubmatch(strings.ToUpper(declared))
	if m == nil {
		return rel.TextType, false
	}
	first, hasFirst := count(m[2])
	second, hasSecond := count(m[3])
	words := strings.Fields(m[1])
	if len(words) == 0 {
		return rel.TextType, false
	}
	for i := 0; i < len(words); i++ {
		switch {
		case integerWord.MatchString(words[i]):
			return rel.BigIntType, true
		}
	}
	switch name := words[0]; {
	case name == "BOOL" || name == "BOOLEAN":
		return rel.Type{Kind: rel.TinyInt}, true
	case name == "YEAR":
		return rel.BigIntType, true
	case (strings.HasSuffix(name, "CHAR") || strings.HasSuffix(name, "CHARACTER") || strings.HasPrefix(name, "VARCHAR") || words[len(words)-1] == "CHARACTER") && hasFirst && first > 0 && first <= 16383:
		return rel.VarCharType(first), true
	case strings.Contains(m[1], "CHAR") || strings.Contains(m[1], "CLOB") || strings.Contains(m[1], "TEXT"):
		return rel.TextType, affinity(declared) == "TEXT"
	case strings.Contains(m[1], "BLOB") || name == "BINARY" || name == "VARBINARY" || name == "BYTEA":
		return rel.Type{Kind: rel.Blob}, true
	case name == "REAL" || name == "FLOAT" || name == "DOUBLE" || name == "NUM": // NUM is what SQLite calls a view's computed numbers
		return rel.DoubleType, true
	case (name == "DECIMAL" || name == "DEC" || name == "NUMERIC" || name == "NUMBER") && len(words) == 1:
		switch {
		case !hasFirst:
			return rel.DoubleType, true
		case first < 1 || first > 65 || second > 30 || hasSecond && second > first:
			return rel.TextType, false
		}
		return rel.DecimalType(first, second), true
	case name == "DATE" && len(words) == 1:
		return rel.DateType, true
	case name == "DATETIME" || name == "TIMESTAMP" || name == "TIMESTAMPTZ":
		return rel.Type{Kind: rel.DateTime, Scale: fraction(first, hasFirst)}, true
	case name == "TIME" && len(words) == 1:
		return rel.Type{Kind: rel.Time, Scale: fraction(first, hasFirst)}, true
	case name == "JSON" || name == "JSONB":
		return rel.JSONType, true
	}
	return rel.TextType, false
}

// fraction is the declared count of fractional digits of seconds; six where it isn't declared, since SQLite cuts nothing off.
func fraction(n int, declared bool) int {
	if !declared {
		return 6
	}
	return min(n, 6)
}

func count(s string) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil
}

// affinity is what SQLite converts values of a declared type to, by the rules of its manual (datatype3.html, 3.1).
func affinity(declared string) string {
	s := strings.ToUpper(declared)
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(s, w) {
				return true
			}
		}
		return false
	}
	switch {
	case has("INT"):
		return "INTEGER"
	case has("CHAR", "CLOB", "TEXT"):
		return "TEXT"
	case has("BLOB"), strings.TrimSpace(s) == "":
		return "BLOB"
	case has("REAL", "FLOA", "DOUB"):
		return "REAL"
	}
	return "NUMERIC"
}
