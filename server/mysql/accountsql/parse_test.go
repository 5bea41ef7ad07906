package accountsql

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"weir/engine/sqlerr"
	"weir/policy/account"
)

func ptr[T any](v T) *T { return &v }

func with(name, password string) account.User {
	return account.User{Name: name, Auth: &account.Auth{Password: &password}}
}

func those(names ...string) account.Roles { return account.Roles{Which: account.Those, Names: names} }

func TestParse(t *testing.T) {
	table := account.Level{Database: "db", Table: "t"}
	for text, want := range map[string]Statement{
		"CREATE USER a IDENTIFIED BY 'x'": &CreateUser{Users: []account.User{with("a", "x")}},
		"create user if not exists 'a'@'%' identified with 'MYSQL_native_password' by \"it\\'s\", `b c`@`%`, \"d\"@% identified by 'y''z' default role r, `s t`@'%' require ssl account lock attribute '{\"k\": \"v\"}'": &CreateUser{Unless: true,
			Users:   []account.User{{Name: "a", Auth: &account.Auth{Plugin: "mysql_native_password", Password: ptr("it's")}}, {Name: "b c"}, with("d", "y'z")},
			Options: account.Options{Defaults: ptr(those("r", "s t")), Require: &account.Require{SSL: true}, Locked: ptr(true), Attributes: map[string]*string{"k": ptr("v")}}},
		"CREATE USER a REQUIRE X509": &CreateUser{Users: []account.User{{Name: "a"}}, Options: account.Options{Require: &account.Require{X509: true}}},
		"CREATE USER a REQUIRE SUBJECT '/CN=a' AND ISSUER '/CN=b' ACCOUNT UNLOCK COMMENT 'hi';": &CreateUser{Users: []account.User{{Name: "a"}},
			Options: account.Options{Require: &account.Require{Subject: "/CN=a", Issuer: "/CN=b"}, Locked: ptr(false), Attributes: map[string]*string{"comment": ptr("hi")}}},
		"ALTER USER IF EXISTS a REQUIRE NONE":             &AlterUser{Users: []account.User{{Name: "a"}}, IfExists: true, Options: account.Options{Require: &account.Require{}}},
		"ALTER USER USER() IDENTIFIED BY 'x' REPLACE 'y'": &AlterUser{Users: []account.User{{Auth: &account.Auth{Password: ptr("x"), Current: ptr("y")}}}},
		"ALTER USER CURRENT_USER IDENTIFIED BY 'x'":       &AlterUser{Users: []account.User{with("", "x")}},
		"ALTER USER current_user() DEFAULT ROLE ALL":      &AlterUser{Users: []account.User{{}}, Options: account.Options{Defaults: &account.Roles{Which: account.All}}},
		"ALTER USER a DEFAULT ROLE NONE":                  &AlterUser{Users: []account.User{{Name: "a"}}, Options: account.Options{Defaults: &account.Roles{Which: account.None}}},
		"SET PASSWORD = 'x'":                              &AlterUser{Users: []account.User{with("", "x")}},
		"SET PASSWORD FOR 'a'@'%' = 'x' REPLACE 'y'":      &AlterUser{Users: []account.User{{Name: "a", Auth: &account.Auth{Password: ptr("x"), Current: ptr("y")}}}},
		"DROP USER IF EXISTS a, 'b'":                      &DropUser{Names: []string{"a", "b"}, IfExists: true},
		"RENAME USER a TO b, c TO d@'%'":                  &RenameUser{Pairs: []account.Rename{{From: "a", To: "b"}, {From: "c", To: "d"}}},
		"CREATE ROLE IF NOT EXISTS a, b":                  &CreateRole{Names: []string{"a", "b"}, Unless: true},
		"DROP ROLE a":                                     &DropRole{Names: []string{"a"}},
		"GRANT SELECT ON *.* TO a":                        &Grant{Privileges: account.Privileges{Select: true}, To: []string{"a"}},
		"GRANT ALL ON db.* TO a, CURRENT_USER() WITH GRANT OPTION": &Grant{Privileges: account.Privileges{On: account.Level{Database: "db"}, Select: true, GrantOption: true},
			To: []string{"a", ""}},
		"GRANT USAGE, ALL PRIVILEGES ON * TO a":                                        &Grant{Privileges: account.Privileges{Select: true}, Here: true, To: []string{"a"}},
		"GRANT SELECT (x, `y z`), GRANT OPTION ON TABLE db.t TO a":                     &Grant{Privileges: account.Privileges{On: table, Columns: []string{"x", "y z"}, GrantOption: true}, To: []string{"a"}},
		"GRANT SELECT ON t TO a":                                                       &Grant{Privileges: account.Privileges{On: account.Level{Table: "t"}, Select: true}, Here: true, To: []string{"a"}},
		"GRANT SELECT ON `my\\_db`.* TO a":                                             &Grant{Privileges: account.Privileges{On: account.Level{Database: "my_db"}, Select: true}, To: []string{"a"}},
		"GRANT SELECT ON my_db.`a%` TO a":                                              &Grant{Privileges: account.Privileges{On: account.Level{Database: "my_db", Table: "a%"}, Select: true}, To: []string{"a"}},
		"/* who */ GRANT -- a comment\n SELECT /* ) */ ON /*!80000 db */.* TO a # end": &Grant{Privileges: account.Privileges{On: account.Level{Database: "db"}, Select: true}, To: []string{"a"}},
		"GRANT r, 's'@'%' TO a, b WITH ADMIN OPTION":                                   &GrantRoles{Roles: []string{"r", "s"}, To: []string{"a", "b"}, Admin: true},
		"GRANT `on` TO a":                                                              &GrantRoles{Roles: []string{"on"}, To: []string{"a"}},
		"REVOKE IF EXISTS SELECT (x) ON db.t FROM a IGNORE UNKNOWN USER":               &Revoke{Privileges: account.Privileges{On: table, Columns: []string{"x"}}, From: []string{"a"}, IfExists: true, IgnoreUnknown: true},
		"REVOKE ALL PRIVILEGES ON db.* FROM a":                                         &Revoke{Privileges: account.Privileges{On: account.Level{Database: "db"}, Select: true}, From: []string{"a"}},
		"REVOKE GRANT OPTION ON *.* FROM a":                                            &Revoke{Privileges: account.Privileges{GrantOption: true}, From: []string{"a"}},
		"REVOKE ALL PRIVILEGES, GRANT OPTION FROM a, b":                                &RevokeAll{From: []string{"a", "b"}},
		"REVOKE ALL, GRANT OPTION FROM a":                                              &RevokeAll{From: []string{"a"}},
		"REVOKE r, s FROM a":                                                           &RevokeRoles{Roles: []string{"r", "s"}, From: []string{"a"}},
		"SET ROLE DEFAULT":                                                             &SetRole{account.Roles{Which: account.Defaults}},
		"SET ROLE NONE":                                                                &SetRole{account.Roles{Which: account.None}},
		"set role all":                                                                 &SetRole{account.Roles{Which: account.All}},
		"SET ROLE ALL EXCEPT a, `b`":                                                   &SetRole{account.Roles{Which: account.AllBut, Names: []string{"a", "b"}}},
		"SET ROLE a, 'b'@'%'":                                                          &SetRole{those("a", "b")},
		"SET DEFAULT ROLE ALL TO a, b":                                                 &SetDefaultRole{account.Roles{Which: account.All}, []string{"a", "b"}},
		"SET DEFAULT ROLE r TO a":                                                      &SetDefaultRole{those("r"), []string{"a"}},
		"SHOW GRANTS":                                                                  &ShowGrants{},
		"SHOW GRANTS FOR CURRENT_USER":                                                 &ShowGrants{},
		"SHOW GRANTS FOR 'a'@'%' USING r, s":                                           &ShowGrants{For: "a", Using: []string{"r", "s"}},
		"SHOW CREATE USER CURRENT_USER()":                                              &ShowCreateUser{},
		"SHOW CREATE USER a":                                                           &ShowCreateUser{"a"},
	} {
		got, mine, err := Parse(text, false)
		if err != nil || !mine || !reflect.DeepEqual(got, want) {
			g, _ := json.Marshal(got)
			w, _ := json.Marshal(want)
			t.Errorf("%s: %v %v\n got %s\nwant %s", text, mine, err, g, w)
		}
	}
	got, _, err := Parse(`GRANT SELECT ON "db"."t" TO "a"`, true)
	if err != nil || !reflect.DeepEqual(got, &Grant{Privileges: account.Privileges{On: table, Select: true}, To: []string{"a"}}) {
		t.Errorf("with ANSI_QUOTES: %v %v", got, err)
	}
}

func TestParseIsNotMine(t *testing.T) {
	for _, text := range []string{"", "SELECT 1", "SET @a = 1", "SET password_history = 1", "SHOW TABLES", "SHOW CREATE TABLE user", "CREATE TABLE user (a int)", "SET default_storage_engine = x",
		"ALTER TABLE t", "DROP TABLE role", "(GRANT", "'GRANT'", "`GRANT` r TO a", "SHOW", "SET", "/* GRANT", "EXPLAIN GRANT r TO a"} {
		if stmt, mine, err := Parse(text, false); mine || stmt != nil || err != nil {
			t.Errorf("%s: %v %v %v", text, stmt, mine, err)
		}
	}
}

// What Weir doesn't act on is refused by its name, never ignored; what is no SQL is a syntax error.
func TestParseRefuses(t *testing.T) {
	for text, code := range map[string]uint16{
		"CREATE USER a@localhost IDENTIFIED BY 'x'": 1235, "CREATE USER 'a'@'10.0.0.%' IDENTIFIED BY 'x'": 1235, "CREATE USER '' IDENTIFIED BY 'x'": 1235, "DROP USER ''@'%'": 1235,
		"CREATE USER a IDENTIFIED BY 'x' WITH MAX_QUERIES_PER_HOUR 5": 1235, "ALTER USER a WITH MAX_USER_CONNECTIONS 1": 1235, "CREATE USER a IDENTIFIED BY 'x' PASSWORD EXPIRE": 1235,
		"CREATE USER a IDENTIFIED BY 'x' FAILED_LOGIN_ATTEMPTS 3": 1235, "CREATE USER a IDENTIFIED BY RANDOM PASSWORD": 1235, "CREATE USER a IDENTIFIED WITH x AS 'y'": 1235,
		"CREATE USER a IDENTIFIED BY PASSWORD '*AB'": 1235, "ALTER USER a IDENTIFIED BY 'x' RETAIN CURRENT PASSWORD": 1235, "ALTER USER a DISCARD OLD PASSWORD": 1235,
		"CREATE USER a IDENTIFIED BY 'x' AND IDENTIFIED BY 'y'": 1235, "ALTER USER a ADD 2 FACTOR IDENTIFIED BY 'x'": 1235, "CREATE USER a IDENTIFIED BY 'x' REQUIRE CIPHER 'x'": 1235,
		"SET PASSWORD = PASSWORD('x')": 1235, "SET PASSWORD TO RANDOM": 1235, "SET PASSWORD = 'x' RETAIN CURRENT PASSWORD": 1235,
		"GRANT INSERT ON *.* TO a": 1235, "GRANT SELECT, CREATE TEMPORARY TABLES ON *.* TO a": 1235, "GRANT INSERT (x) ON db.t TO a": 1235, "GRANT PROXY ON a TO b": 1235,
		"GRANT SELECT ON `db%`.* TO a": 1235, "GRANT EXECUTE ON PROCEDURE p TO a": 1235, "GRANT SELECT ON FUNCTION db.f TO a": 1235, "GRANT SELECT ON *.* TO a AS b": 1235,
		"GRANT SELECT ON *.* TO a WITH MAX_QUERIES_PER_HOUR 1": 1235, "REVOKE PROXY ON a FROM b": 1235, "REVOKE SUPER ON *.* FROM a": 1235,
		"CREATE USER": 1064, "CREATE USER a IDENTIFIED": 1064, "CREATE USER a IDENTIFIED BY x": 1064, "CREATE USER a IDENTIFIED BY ?": 1064, "CREATE USER a,": 1064, "CREATE USER CURRENT_USER()": 1064,
		"CREATE USER a IDENTIFIED BY 'x": 1064, "CREATE USER a ACCOUNT": 1064, "CREATE USER a REQUIRE": 1064, "CREATE USER a REQUIRE SSL X509": 1064, "CREATE USER a DEFAULT ROLE ALL": 1064,
		"CREATE USER a IDENTIFIED BY 'x' REPLACE 'y'": 1064, "ALTER USER a, b DEFAULT ROLE ALL": 1064, "DROP USER a b": 1064, "RENAME USER a b": 1064, "GRANT": 1064, "GRANT SELECT": 1064,
		"GRANT SELECT ON *.* TO": 1064, "GRANT SELECT ON *.t TO a": 1064, "GRANT SELECT (x ON db.t TO a": 1064, "GRANT SELECT () ON db.t TO a": 1064, "GRANT SELECT ON *.* TO a IDENTIFIED BY 'x'": 1064,
		"GRANT r TO a WITH GRANT OPTION": 1064, "GRANT SELECT ON *.* TO a WITH ADMIN OPTION": 1064, "GRANT r TO TO a": 1064, "REVOKE r TO a": 1064, "REVOKE ALL FROM a": 1064, "SET ROLE": 1064,
		"SET ROLE a b": 1064, "SET ROLE ALL EXCEPT": 1064, "SET DEFAULT ROLE DEFAULT TO a": 1064, "SHOW GRANTS FOR": 1064, "SHOW GRANTS FOR a USING": 1064, "DROP ROLE a; DROP ROLE b": 1064,
		"CREATE USER a /* IDENTIFIED BY 'x'": 1064, "CREATE USER a /*! IDENTIFIED BY 'x'": 1064,
		"CREATE USER a IDENTIFIED BY 'x' ATTRIBUTE 'x'": 3982, "CREATE USER a IDENTIFIED BY 'x' ATTRIBUTE 'null'": 3982, "CREATE USER a IDENTIFIED BY 'x' ATTRIBUTE '{\"a\": [1]}'": 3982,
	} {
		stmt, mine, err := Parse(text, false)
		var e *sqlerr.Error
		if !mine || stmt != nil || !errors.As(err, &e) || e.Code != code {
			t.Errorf("%s: %v %v %v, want %d", text, stmt, mine, err, code)
		}
	}
}

func TestParseIsBounded(t *testing.T) {
	if _, mine, err := Parse("DROP USER a"+strings.Repeat(",a", maxTokens), false); !mine || err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("%v %v", mine, err)
	}
}

func TestRedact(t *testing.T) {
	for text, want := range map[string]string{
		"SELECT 'a' FROM t WHERE password = 'x'":            "SELECT 'a' FROM t WHERE password = 'x'",
		"SET @a = 'x'":                                      "SET @a = 'x'",
		"CREATE USER 'a'@'%' IDENTIFIED BY 'x''y', \"b\"":   "CREATE USER '<secret>'@'<secret>' IDENTIFIED BY '<secret>', '<secret>'",
		"alter user `a'b` identified by 'x\\'y' # 'z":       "alter user `a'b` identified by '<secret>' # 'z",
		"SET PASSWORD = 'x'":                                "SET PASSWORD = '<secret>'",
		"PREPARE s FROM 'alter user a identified by \"x\"'": "PREPARE s FROM '<secret>'",
		"/*!80000 CREATE USER a IDENTIFIED BY 'x' */":       "/*!80000 CREATE USER a IDENTIFIED BY '<secret>' */",
		"CREATE USER a IDENTIFIED BY 'x":                    "CREATE '<secret>'",
		"CREATE USER \"a\\\" IDENTIFIED BY 'x'":             "CREATE '<secret>'",
		"SELECT 1; SET PASSWORD = 'x'":                      "SELECT 1; SET PASSWORD = '<secret>'",
		"'a' IDENTIFIED 'b":                                 "'<secret>'",
	} {
		if got := Redact(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// Whatever comes, the parser ends, and shows nothing of what stands in quotes after IDENTIFIED.
func FuzzParse(f *testing.F) {
	for _, text := range []string{"CREATE USER a IDENTIFIED BY '%s'", "ALTER USER USER() IDENTIFIED WITH x BY \"%s\" REPLACE '%s'", "SET PASSWORD FOR `a`@'%%' = '%s'", "GRANT SELECT (a, b) ON `x`.* TO a@'%%'",
		"REVOKE ALL, GRANT OPTION FROM a", "SET ROLE ALL EXCEPT a", "/*!80000 CREATE USER a IDENTIFIED BY '%s' */", "create user a identified by '%s' attribute '{}'"} {
		f.Add(text)
	}
	const secret = "hunter2"
	f.Fuzz(func(t *testing.T, template string) {
		text := strings.ReplaceAll(template, "%s", secret)
		for _, ansi := range []bool{false, true} {
			_, mine, err := Parse(text, ansi)
			if mine && err != nil && !strings.Contains(template, secret) && strings.Contains(text, "'"+secret+"'") && tells(text) && strings.Contains(err.Error(), secret) {
				t.Errorf("%s: %v", text, err)
			}
		}
		_ = Redact(text)
	})
}
