package wire

import (
	"database/sql"
	"strconv"
	"strings"
	"testing"

	"weir/engine/rel"
)

func TestTypesText(t *testing.T) {
	db := start(t).open(t, "")
	for r, row := range texts(t, db, "select * from demo.types") {
		for i, c := range TypeCases {
			if !same(c, row[i], c.Text[r]) {
				t.Errorf("%s row %d: %q, want %q", c.T, r, row[i], c.Text[r])
			}
		}
	}
}

// same compares texts; the driver makes numbers of some, whose text is its own.
func same(c TypeCase, got, want any) bool {
	switch c.T.Kind {
	case rel.Year, rel.Float, rel.Double:
		a, ok1 := got.(string)
		b, ok2 := want.(string)
		x, err1 := strconv.ParseFloat(a, 64)
		y, err2 := strconv.ParseFloat(b, 64)
		return ok1 == ok2 && (!ok1 || err1 == nil && err2 == nil && x == y)
	}
	return got == want
}

// In the binary protocol the driver makes numbers and texts of its own; those that it makes texts of are as in the text protocol.
func TestTypesPrepared(t *testing.T) {
	db := start(t).open(t, "")
	stmt, err := db.Prepare("select * from demo.types")
	if err != nil {
		t.Fatal(err)
	}
	defer stmt.Close()
	rows, err := stmt.Query()
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for r := 0; rows.Next(); r++ {
		raw := make([]sql.NullString, len(TypeCases))
		into := make([]any, len(raw))
		for i := range raw {
			into[i] = &raw[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		for i, c := range TypeCases {
			var got any
			if raw[i].Valid {
				got = raw[i].String
			}
			want := c.Text[r]
			if v, isFloat := c.Values[r].(float32); isFloat {
				want = strconv.FormatFloat(float64(v), 'g', -1, 32) // all of it, not six digits
			}
			if v, isFloat := c.Values[r].(float64); isFloat {
				want = strconv.FormatFloat(v, 'g', -1, 64)
			}
			if !same(c, got, want) {
				t.Errorf("%s row %d: %q, want %q", c.T, r, got, want)
			}
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

// Statements that the protocol library's own parser refuses, or reads otherwise, can be prepared.
func TestPrepareAnything(t *testing.T) {
	c := start(t).conn(t, "multiStatements=true")
	for sql, want := range map[string]string{
		"explain format=json select ?": "plan of select :v1 as json", "(select ?)": "5", "select ?, ':v1'": "5,:v1", "select {fn concat(?)}": "concat(:v1)", "desc demo.region name": "",
	} {
		stmt, err := c.PrepareContext(t.Context(), sql)
		if err != nil {
			t.Errorf("%s: %v", sql, err)
			continue
		}
		var args []any
		if strings.Contains(sql, "?") {
			args = append(args, 5)
		}
		rows, err := stmt.Query(args...)
		if err != nil {
			t.Errorf("%s: %v", sql, err)
		} else if got := flat(read(t, rows)); want != "" && got != want {
			t.Errorf("%s: %s, want %s", sql, got, want)
		}
		stmt.Close()
	}
	for sql, want := range map[string]int{"selct ?": 1064, "": 1065, "delete from t where a = ?": 1290, "select 1; select 2": 1064, "execute p": 1295, "select ? from demo.nothing": 1146} {
		stmt, err := c.PrepareContext(t.Context(), sql)
		if code(err) != want {
			t.Errorf("%s: %v, want %d", sql, err, want)
		}
		if err == nil {
			stmt.Close()
		}
	}
}

func TestFieldTypes(t *testing.T) {
	db := start(t).open(t, "")
	for _, prepared := range []bool{false, true} {
		var rows *sql.Rows
		var err error
		if prepared {
			var stmt *sql.Stmt
			if stmt, err = db.Prepare("select * from demo.types"); err == nil {
				defer stmt.Close()
				rows, err = stmt.Query()
			}
		} else {
			rows, err = db.Query("select * from demo.types")
		}
		if err != nil {
			t.Fatal(err)
		}
		types, err := rows.ColumnTypes()
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range strings.Fields("TINYINT UNSIGNED_TINYINT SMALLINT MEDIUMINT INT UNSIGNED_INT BIGINT UNSIGNED_BIGINT BIGINT YEAR BIT FLOAT DOUBLE DOUBLE " +
			"DECIMAL DECIMAL DECIMAL DATE TIME TIME DATETIME DATETIME TIMESTAMP CHAR VARCHAR TEXT VARBINARY BLOB JSON ENUM SET NULL") {
			if got := types[i].DatabaseTypeName(); got != strings.ReplaceAll(want, "_", " ") {
				t.Errorf("%s is sent as %s, want %s", TypeCases[i].T, got, want)
			}
		}
		rows.Close()
	}
}

func TestStream(t *testing.T) {
	r := start(t)
	c := r.conn(t, "")
	rows, err := c.QueryContext(t.Context(), "select * from demo.numbers")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	n := int64(0)
	var id int64
	var s, d, f sql.RawBytes
	for rows.Next() {
		if err := rows.Scan(&id, &s, &d, &f); err != nil {
			t.Fatal(err)
		}
		if id != n {
			t.Fatalf("row %d has number %d", n, id)
		}
		n++
	}
	if rows.Err() != nil || n != 1_000_000 {
		t.Fatalf("%d rows, %v", n, rows.Err())
	}
	if r.engine.Running.Load() != 0 {
		t.Error("the statement was not closed")
	}
}

func TestStatements(t *testing.T) {
	c := start(t).conn(t, "multiStatements=true")
	for _, step := range []struct {
		sql  string
		want string // rows, cells with commas, rows with bars
		code int
	}{
		{sql: "select 1", want: "1"},
		{sql: "(select 1)", want: "1"},
		{sql: "select 1; select 2", want: "1"},
		{sql: "select @@version_comment limit 1", want: "Weir"},
		{sql: "select @@session.autocommit, @@sql_mode", want: "1,ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"},
		{sql: "select @@no_such_thing", code: 1193},
		{sql: "set @x = 5, @y := 'a''b'"},
		{sql: "select @x, @y, @z", want: "5,a'b,NULL"},
		{sql: "set @z = (select 7)", code: 1235}, // the fake knows no subqueries: the expression came to it
		{sql: "select 8, 'x' into @p, @q"},
		{sql: "select @p, @q", want: "8,x"},
		{sql: "select 8, 9 into @p", code: 1222},
		{sql: "set names utf8mb4"},
		{sql: "set names klingon", code: 1115},
		{sql: "set time_zone = '+02:00', autocommit = off"},
		{sql: "select @@time_zone, @@autocommit", want: "+02:00,0"},
		{sql: "set time_zone = 'Nowhere/City'", code: 1298},
		{sql: "set autocommit = default"},
		{sql: "select @@autocommit", want: "1"},
		{sql: "set version = '1'", code: 1238},
		{sql: "set no_such_thing = 1", code: 1193},
		{sql: "set global max_connections = 1", code: 1227},
		{sql: "set optimizer_switch = 'index_merge=off'"},
		{sql: "set session transaction isolation level read committed"},
		{sql: "set sql_select_limit=default"},
		{sql: "begin"}, {sql: "start transaction read only"}, {sql: "commit"}, {sql: "rollback"}, {sql: "savepoint a"}, {sql: "unlock tables"},
		{sql: "use other"}, {sql: "select database()", want: "other"}, {sql: "use nowhere", code: 1049}, {sql: "select database()", want: "other"},
		{sql: "insert into demo.customer values (1)", code: 1290}, {sql: "update demo.customer set id = 1", code: 1290},
		{sql: "delete from demo.customer", code: 1290}, {sql: "create table x (a int)", code: 1290}, {sql: "drop table demo.customer", code: 1290},
		{sql: "truncate demo.customer", code: 1290}, {sql: "load data infile 'x' into table t", code: 1290}, {sql: "call x()", code: 1290},
		{sql: "optimize table t", code: 1290}, {sql: "select 1 into outfile '/tmp/x'", code: 1290}, {sql: "select 1 for update", want: "1"},
		{sql: "select 1 for share", want: "1"}, {sql: "select 1 lock in share mode", want: "1"}, {sql: "select 1 for share nowait", want: "1"},
		{sql: "start transaction with consistent snapshot, read only"}, {sql: "start transaction read write"}, {sql: "start transaction now", code: 1290},
		{sql: "show storage engines", want: "Weir,DEFAULT,Tables of the configured sources, read only,NO,NO,NO"}, {sql: "show create procedure p", code: 1305}, {sql: "show create trigger t", code: 1360},
		{sql: "select @@innodb_version", want: "8.0.36-Weir"},
		{sql: "selct 1", code: 1064}, {sql: "-- nothing", code: 1065},
		{sql: "explain select 1", want: "plan of select 1 as "}, {sql: "explain format=json select 1", want: "plan of select 1 as json"},
		{sql: "explain analyze format=tree select 1", want: "plan of select 1 as tree analyzed"}, {sql: "explain insert into t values (1)", code: 1290},
		{sql: "prepare p from 'select ?, ?'"}, {sql: "execute p using @x, @y", want: "5,a'b"}, {sql: "execute p using @x", code: 1210},
		{sql: "deallocate prepare p"}, {sql: "execute p using @x", code: 1243}, {sql: "prepare p from 'delete from t'", code: 1290},
		{sql: "select * from demo.nothing", code: 1146}, {sql: "select * from demo.secret", code: 1105},
		{sql: "select 1 from demo.numbers, information_schema.tables", code: 1235},
		{sql: "show count(*) warnings", want: "0"}, {sql: "show warnings", want: ""}, {sql: "do 1", want: "1"},
	} {
		rows, err := c.QueryContext(t.Context(), step.sql)
		if code(err) != step.code {
			t.Errorf("%s: %v, want code %d", step.sql, err, step.code)
			if err == nil {
				rows.Close()
			}
			continue
		}
		if err != nil {
			continue
		}
		if got := flat(read(t, rows)); got != step.want {
			t.Errorf("%s: %s, want %s", step.sql, got, step.want)
		}
	}
}

func flat(rows [][]any) string {
	var lines []string
	for _, row := range rows {
		var cells []string
		for _, v := range row {
			if v == nil {
				v = "NULL"
			}
			cells = append(cells, v.(string))
		}
		lines = append(lines, strings.Join(cells, ","))
	}
	return strings.Join(lines, "|")
}
