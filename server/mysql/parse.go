package mysql

import (
	"context"
	"errors"
	"strings"
	"unicode"

	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/bind"
	"weir/engine/sqlerr"
	"weir/server/mysql/accountsql"
)

// parse parses one statement. What the parser doesn't know, but clients send, is rewritten into what it knows (rewrite).
func parse(ctx context.Context, text string, options sqlparser.ParserOptions) (sqlparser.Statement, error) {
	text = strings.TrimRight(text, "; \t\r\n\x00")
	if inner, format, analyze, ok := explainPrefix(text); ok {
		stmt, err := parse(ctx, inner, options)
		if err != nil {
			return nil, err
		}
		return &sqlparser.Explain{Statement: stmt, ExplainFormat: format, Analyze: analyze}, nil
	}
	if about, mine, err := accountsql.Parse(text, options.AnsiQuotes); mine {
		if err != nil {
			return nil, err
		}
		return &accountStatement{&sqlparser.Flush{}, about}, nil
	}
	stmt, err := bind.Parse(ctx, text, options)
	if err == nil {
		return stmt, nil
	}
	if errors.Is(err, sqlparser.ErrEmpty) {
		return nil, errEmpty
	}
	if other, ok := rewrite(text); ok {
		if stmt, err2 := bind.Parse(ctx, other, options); err2 == nil {
			return stmt, nil
		}
	}
	if isWrite(text) {
		return nil, errReadOnly
	}
	if accountsql.Redact(text) != text { // what the parser found could be a part of a password
		return nil, syntaxError("syntax error")
	}
	var known *sqlerr.Error
	if errors.As(err, &known) {
		return nil, known
	}
	return nil, syntaxError(err.Error())
}

// split cuts the first statement off a text of several. rest is empty after the last one.
func split(query string) (first, rest string, err error) {
	first, rest, err = sqlparser.SplitStatement(query)
	if err != nil {
		return "", "", syntaxError(err.Error())
	}
	if strings.Trim(rest, "; \t\r\n\x00") == "" {
		rest = ""
	}
	return first, rest, nil
}

// words returns the first words of a text in upper case, and where each ends; comments in front are passed over.
func words(text string, n int) (out []string, ends []int) {
	i := skipSpace(text, 0)
	for len(out) < n && i < len(text) {
		start := i
		for i < len(text) && (text[i] == '_' || unicode.IsLetter(rune(text[i])) || unicode.IsDigit(rune(text[i]))) {
			i++
		}
		if i == start {
			i++ // punctuation
		}
		out, ends = append(out, strings.ToUpper(text[start:i])), append(ends, i)
		i = skipSpace(text, i)
	}
	return out, ends
}

// skipSpace passes over white space and comments.
func skipSpace(s string, i int) int {
	for i < len(s) {
		switch {
		case s[i] == ' ' || s[i] == '\t' || s[i] == '\n' || s[i] == '\r':
			i++
		case strings.HasPrefix(s[i:], "/*") && !strings.HasPrefix(s[i:], "/*!") && !strings.HasPrefix(s[i:], "/*+"):
			end := strings.Index(s[i+2:], "*/")
			if end < 0 {
				return len(s)
			}
			i += 2 + end + 2
		case s[i] == '#', strings.HasPrefix(s[i:], "-- "):
			end := strings.IndexByte(s[i:], '\n')
			if end < 0 {
				return len(s)
			}
			i += end + 1
		default:
			return i
		}
	}
	return i
}

// explainPrefix reads EXPLAIN [ANALYZE] [LINEAGE] [FORMAT = name] in front of a query; the parser knows some of its forms only. The format is
// in lower case, empty without one; that of a lineage begins with the word.
func explainPrefix(text string) (inner, format string, analyze, ok bool) {
	w, ends := words(text, 8)
	at := func(i int, options ...string) bool {
		if i >= len(w) {
			return false
		}
		for _, o := range options {
			if w[i] == o {
				return true
			}
		}
		return false
	}
	if !at(0, "EXPLAIN", "DESCRIBE", "DESC") {
		return "", "", false, false
	}
	i := 1
	if at(i, "ANALYZE") {
		analyze = true
		i++
	}
	if at(i, "EXTENDED", "PARTITIONS") {
		i++
	}
	lineage := at(i, "LINEAGE")
	if lineage {
		i++
	}
	if at(i, "FORMAT") && at(i+1, "=") && i+2 < len(w) {
		format = strings.ToLower(w[i+2])
		i += 3
	}
	if !lineage && at(i, "LINEAGE") {
		lineage = true
		i++
	}
	if lineage {
		format = strings.TrimSpace("lineage " + format)
	}
	if !at(i, "SELECT", "WITH", "VALUES", "TABLE", "(", "INSERT", "UPDATE", "DELETE", "REPLACE") {
		return "", "", false, false
	}
	return text[ends[i-1]:], format, analyze, true
}

// rewrite turns statements that the parser doesn't know into ones that it does.
func rewrite(text string) (string, bool) {
	text = text[skipSpace(text, 0):]
	if inner, ok := unparenthesize(text); ok {
		return inner, true
	}
	w, ends := words(text, 4)
	switch {
	case len(w) >= 3 && (w[0] == "DESCRIBE" || w[0] == "DESC" || w[0] == "EXPLAIN"):
		// DESCRIBE table column: the column is the last word.
		fields := strings.Fields(text[ends[0]:])
		if len(fields) == 2 {
			return "SHOW COLUMNS FROM " + fields[0] + " LIKE '" + strings.ReplaceAll(strings.Trim(fields[1], "`'\""), "'", "''") + "'", true
		}
	case len(w) >= 2 && w[0] == "SHOW":
		if empty, ok := emptyShows[w[1]]; ok {
			return empty, true
		}
		return rewriteShow(text)
	case len(w) >= 3 && w[0] == "START" && w[1] == "TRANSACTION" && characteristics(text[ends[1]:]):
		return "BEGIN", true
	case len(w) >= 1 && w[0] == "DO":
		return "SELECT " + text[ends[0]:], true
	}
	return "", false
}

// characteristics reports whether a text is a list of what may stand after START TRANSACTION.
func characteristics(text string) bool {
	for c := range strings.SplitSeq(text, ",") {
		switch strings.ToUpper(strings.Join(strings.Fields(c), " ")) {
		case "READ ONLY", "READ WRITE", "WITH CONSISTENT SNAPSHOT":
		default:
			return false
		}
	}
	return true
}

// emptyShows are statements about what Weir has none of, by their second word.
var emptyShows = map[string]string{
	"OPEN":     "SELECT TABLE_SCHEMA AS `Database`, TABLE_NAME AS `Table`, 0 AS In_use, 0 AS Name_locked FROM information_schema.TABLES WHERE 1 = 0",
	"PROFILES": "SELECT 0 AS Query_ID, 0.0 AS Duration, TABLE_NAME AS Query FROM information_schema.TABLES WHERE 1 = 0",
	"ENGINE":   "SELECT TABLE_NAME AS `Type`, TABLE_NAME AS `Name`, TABLE_NAME AS `Status` FROM information_schema.TABLES WHERE 1 = 0",
}

// rewriteShow writes SHOW … FIELDS or COLUMNS IN t IN db with the words that the parser knows.
func rewriteShow(text string) (string, bool) {
	fields := strings.Fields(text)
	changed := false
	for i, f := range fields {
		switch up := strings.ToUpper(f); {
		case up == "LIKE" || up == "WHERE":
			return strings.Join(fields, " "), changed
		case up == "SCHEMAS":
			fields[i], changed = "DATABASES", true
		case up == "FIELDS":
			fields[i], changed = "COLUMNS", true
		case up == "IN":
			fields[i], changed = "FROM", true
		case up == "EXTENDED", up == "STORAGE" && i == 1:
			fields[i], changed = "", true
		}
	}
	return strings.Join(fields, " "), changed
}

// unparenthesize takes the pairs of parentheses off that enclose a statement as a whole. It reads the text once, however many there are.
func unparenthesize(text string) (string, bool) {
	text = strings.TrimSpace(text)
	var opened []int // where the parentheses begin that are open
	closes := map[int]int{}
	var quote byte
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quote != 0:
			if c == '\\' && quote != '`' {
				i++
			} else if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"' || c == '`':
			quote = c
		case c == '(':
			opened = append(opened, i)
		case c == ')':
			if len(opened) == 0 {
				return "", false
			}
			closes[opened[len(opened)-1]] = i
			opened = opened[:len(opened)-1]
		}
	}
	if len(opened) > 0 || quote != 0 {
		return "", false
	}
	start, end := 0, len(text)
	for start < end && text[start] == '(' && closes[start] == end-1 {
		start, end = start+1, end-1
		for start < end && strings.IndexByte(space, text[start]) >= 0 {
			start++
		}
		for start < end && strings.IndexByte(space, text[end-1]) >= 0 {
			end--
		}
	}
	return text[start:end], start > 0
}

// space is what may stand between words.
const space = " \t\r\n\v\f"

// writeWords begin statements that would change something and that the parser may not know.
var writeWords = map[string]bool{"INSERT": true, "UPDATE": true, "DELETE": true, "REPLACE": true, "CREATE": true, "DROP": true, "ALTER": true, "RENAME": true,
	"TRUNCATE": true, "LOAD": true, "IMPORT": true, "CALL": true, "HANDLER": true, "OPTIMIZE": true, "REPAIR": true, "ANALYZE": true, "CHECK": true,
	"CHECKSUM": true, "GRANT": true, "REVOKE": true, "INSTALL": true, "UNINSTALL": true, "XA": true, "RESET": true, "PURGE": true, "CHANGE": true,
	"START": true, "STOP": true, "CLONE": true, "RESTART": true, "SHUTDOWN": true, "BINLOG": true, "CACHE": true}

func isWrite(text string) bool {
	w, _ := words(text, 1)
	return len(w) == 1 && writeWords[w[0]]
}
