package differential

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"weir/test/reference"
)

// Case is a statement of a script with what it must give: what the reference gives, unless the script says otherwise.
//
// A script is SQL. Comments before a statement tell its story; "-- ordered" says that the order of its rows counts. Lines after it
// that begin with "--> " are the wanted rows, values divided by " | ", for what the reference doesn't know or does
// otherwise than MySQL 8; "--> error 1242" is the wanted error.
type Case struct {
	File    string
	Line    int
	SQL     string
	Ordered bool
	Want    [][]*string // nil: the reference's
	Given   bool        // Want is given, even if it is empty
	Code    int         // of the wanted error
}

// ReadScript reads the cases of a file.
func ReadScript(file string) ([]*Case, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var out []*Case
	var sql []string
	line, ordered := 0, false
	for n, l := range strings.Split(string(text), "\n") {
		switch {
		case strings.HasPrefix(l, "-->"):
			if len(out) == 0 || len(sql) > 0 {
				return nil, fmt.Errorf("%s:%d: a wanted row without a statement", file, n+1)
			}
			out[len(out)-1].want(strings.TrimPrefix(strings.TrimPrefix(l, "-->"), " "))
		case l == "-- ordered":
			ordered = true
		case strings.HasPrefix(l, "--") || strings.TrimSpace(l) == "" && len(sql) == 0:
		default:
			if len(sql) == 0 {
				line = n + 1
			}
			sql = append(sql, l)
			if s := strings.TrimSpace(l); strings.HasSuffix(s, ";") {
				text := strings.TrimSuffix(strings.TrimSpace(strings.Join(sql, "\n")), ";")
				out = append(out, &Case{File: file, Line: line, SQL: text, Ordered: ordered})
				sql, ordered = nil, false
			}
		}
	}
	if len(sql) > 0 {
		return nil, fmt.Errorf("%s:%d: a statement without its semicolon", file, line)
	}
	return out, nil
}

func (c *Case) want(row string) {
	c.Given = true
	if code, ok := strings.CutPrefix(row, "error "); ok {
		c.Code, _ = strconv.Atoi(code)
		return
	}
	if row == "none" {
		return
	}
	var values []*string
	for _, v := range strings.Split(row, " | ") {
		if v == "NULL" {
			values = append(values, nil)
		} else {
			values = append(values, &v)
		}
	}
	c.Want = append(c.Want, values)
}

// Check compares a result with what the case wants; reference is the reference's result where that is wanted.
func (c *Case) Check(ref, got *reference.Result) *Difference {
	s := &Statement{SQL: c.SQL, Ordered: c.Ordered}
	if !c.Given {
		return Compare(s, ref, got)
	}
	if c.Code != 0 || got.Err != nil {
		if c.Code == got.Code() {
			return nil
		}
		return &Difference{"error", fmt.Sprintf("want error %d, got %s", c.Code, outcome(got))}
	}
	return s.compareRows(&reference.Result{Rows: c.Want}, got)
}
