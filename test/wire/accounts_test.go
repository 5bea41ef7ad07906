package wire

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"testing"
	"time"

	"weir/policy"
	"weir/server/mysql"
)

// as connects as another user than ann.
func (r *running) as(t testing.TB, user, password string) *sql.Conn {
	t.Helper()
	c, err := r.tryAs(t, user, password)
	if err != nil {
		t.Fatalf("%s: %v", user, err)
	}
	return c
}

func (r *running) tryAs(t testing.TB, user, password string) (*sql.Conn, error) {
	t.Helper()
	db, err := sql.Open("mysql", r.dsn(user, password, ""))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	c, err := db.Conn(t.Context())
	if err == nil {
		t.Cleanup(func() { c.Close() })
	}
	return c, err
}

// steps runs statements. Each is "statement", "statement => rows", the rows being separated by | and their values by a comma, or "statement !! code".
func steps(t *testing.T, c *sql.Conn, statements ...string) {
	t.Helper()
	for _, line := range statements {
		text, want, rows := strings.Cut(line, " => ")
		text, wantCode, fails := strings.Cut(text, " !! ")
		if !rows {
			_, err := c.ExecContext(t.Context(), text)
			switch {
			case fails && wantCode != strconv.Itoa(code(err)):
				t.Errorf("%s: %v, want code %s", text, err, wantCode)
			case !fails && err != nil:
				t.Errorf("%s: %v", text, err)
			}
			continue
		}
		if got := flat(texts(t, c, text)); got != want {
			t.Errorf("%s:\n got %s\nwant %s", text, got, want)
		}
	}
}

func TestAccounts(t *testing.T) {
	r := start(t)
	ann := r.conn(t, "")
	steps(t, ann,
		"create user zoe identified by 'pw-of-zoe', yan@'%' identified with mysql_native_password by 'pw-of-yan'",
		"create user zoe identified by 'x' !! 1396",
		"create user bob identified by 'x' !! 1396", // stands in weir.yaml
		"create user if not exists zoe identified by 'x'",
		"show warnings => Note,3163,Authorization ID 'zoe'@'%' already exists.",
		"create role reader, 'writer'@'%'",
		"create role reader !! 1396",
		"create role admin !! 1396",
		"create user x !! 1819",
		"create user x identified by '' !! 1819",
		"create user x@localhost identified by 'x' !! 1235",
		"create user x identified by 'x' with max_queries_per_hour 3 !! 1235",
		"create user x identified by 'x' password expire never !! 1235",
		"create user x identified with sha256_password by 'x' !! 1524",
		"create user x identified by 'x' account !! 1064",
		"drop user if exists x",
		"drop user x !! 1396",
		"drop user bob !! 1396",
		"alter user bob account lock !! 1396",
		"grant reader to bob !! 1396",
		"grant select on demo.* to reader",
		"grant select (id, CODE), select (note) on demo.customer to writer",
		"grant insert on demo.* to reader !! 1235",
		"grant select on nowhere.* to reader !! 1049",
		"grant select on demo.nothing to reader !! 1146",
		"grant select (nothing) on demo.customer to reader !! 1054",
		"grant select on mysql.* to reader !! 1044",
		"grant select on customer to reader !! 1046",
		"grant select on demo.* to nobody !! 1410",
		"grant reader to zoe, yan",
		"grant nothing to zoe !! 3523",
		"grant zoe to yan !! 3523",
		"grant writer to reader",
		"grant reader to writer !! 4027",
		"grant reader to reader !! 4027",
		"set default role reader to zoe",
		"set default role writer to zoe !! 3530",
		"revoke select on other.* from reader !! 1141",
		"revoke select on demo.region from reader !! 1147",
		"revoke writer from zoe !! 3530",
		"revoke all privileges, grant option from nobody !! 1269",
		"rename user reader to x !! 3532",
		"rename user nobody to x !! 1396",
		"rename user zoe to yan !! 1396",
		"show grants for zoe => GRANT USAGE ON *.* TO `zoe`@`%`|GRANT `reader`@`%` TO `zoe`@`%`",
		"show grants for zoe using reader => GRANT USAGE ON *.* TO `zoe`@`%`|GRANT SELECT ON `demo`.* TO `zoe`@`%`|"+
			"GRANT SELECT (`code`, `id`, `note`) ON `demo`.`customer` TO `zoe`@`%`|GRANT `reader`@`%` TO `zoe`@`%`",
		"show grants for zoe using writer !! 3530",
		"show grants for nobody !! 1141",
		"show grants for bob => GRANT SELECT, SHOW DATABASES ON *.* TO `bob`@`%`",
		"alter user zoe attribute '{\"region\": \"north\", \"level\": 3}'",
		"alter user zoe require ssl account unlock comment 'she''s new'",
		"show create user zoe => CREATE USER `zoe`@`%` IDENTIFIED WITH 'caching_sha2_password' AS '<secret>' DEFAULT ROLE `reader`@`%` REQUIRE SSL ACCOUNT UNLOCK "+
			`ATTRIBUTE '{"comment":"she''s new","level":"3","region":"north"}'`,
		"alter user zoe require none attribute '{\"level\": null, \"comment\": null}'",
		"alter user zoe attribute '[1]' !! 3982",
		"alter user zoe attribute '{\"a\": {}}' !! 3982",
	)
	zoe, yan := r.as(t, "zoe", "pw-of-zoe"), r.as(t, "yan", "pw-of-yan")
	steps(t, zoe, "select current_role() => `reader`@`%`", "select current_user() => zoe@%", "set role none", "select current_role() => NONE", "set role all",
		"select current_role() => `reader`@`%`", "set role all except reader", "select current_role() => NONE", "set role default", "set role writer !! 3530",
		"select current_role() => `reader`@`%`",
		"create user x identified by 'x' !! 1227", "drop user yan !! 1227", "create role x !! 1227", "drop role reader !! 1227", "rename user yan to x !! 1227",
		"alter user yan identified by 'x' !! 1227", "alter user zoe account unlock !! 1227", "grant select on demo.* to yan !! 1044", "grant select on *.* to yan !! 1045",
		"grant select on demo.customer to yan !! 1142", "revoke select on demo.* from reader !! 1044", "grant reader to zoe !! 1227", "revoke reader from yan !! 1227",
		"show grants for yan !! 1044", "show create user yan !! 1044", "set default role none to yan !! 1227", "revoke all privileges, grant option from yan !! 1227",
		"show grants for reader => GRANT USAGE ON *.* TO `reader`@`%`|GRANT SELECT ON `demo`.* TO `reader`@`%`|GRANT `writer`@`%` TO `reader`@`%`")
	steps(t, yan, "select current_role() => NONE", "show grants => GRANT USAGE ON *.* TO `yan`@`%`|GRANT `reader`@`%` TO `yan`@`%`", "set role reader",
		"set default role all to yan", "set default role reader to current_user !! 1064")

	steps(t, zoe, "select * from information_schema.user_privileges => 'zoe'@'%',def,USAGE,NO", "select * from information_schema.schema_privileges => 'zoe'@'%',def,demo,SELECT,NO",
		"select * from information_schema.table_privileges => ", "select table_schema, table_name, column_name, privilege_type from information_schema.column_privileges => "+
			"demo,customer,code,SELECT|demo,customer,id,SELECT|demo,customer,note,SELECT",
		"select user, grantee, role_name, is_grantable, is_default from information_schema.applicable_roles => zoe,zoe,reader,NO,YES|zoe,reader,writer,NO,NO",
		"select role_name from information_schema.enabled_roles => reader|writer", "set role none", "select * from information_schema.enabled_roles => ",
		"select * from information_schema.schema_privileges => ", "set role default")
	steps(t, ann, "select * from information_schema.user_privileges => 'ann'@'%',def,SELECT,NO", "select role_name, is_default from information_schema.enabled_roles => admin,YES")
	who := func(c *sql.Conn) policy.Principal {
		t.Helper()
		texts(t, c, "select 1")
		return r.engine.Principal.Load().(policy.Principal)
	}
	if p := who(zoe); strings.Join(p.Roles, " ") != "reader writer" || p.Attributes["region"] != "north" || len(p.Attributes) != 1 || !p.Rights.Table("demo", "region") ||
		p.Rights.Table("other", "thing") {
		t.Errorf("%+v", p)
	}
	// What is granted or revoked holds from the next statement on.
	steps(t, ann, "grant select on other.* to zoe", "revoke select on demo.* from reader")
	if p := who(zoe); !p.Rights.Table("other", "thing") || p.Rights.Table("demo", "region") || !p.Rights.Column("demo", "customer", "code") || p.Rights.Column("demo", "customer", "credit") {
		t.Errorf("%+v", p)
	}
	steps(t, ann, "revoke reader from yan")
	if p := who(yan); len(p.Roles) != 0 || p.Rights.Table("demo", "customer") {
		t.Errorf("%+v", p)
	}
	steps(t, yan, "select current_role() => NONE")
	// An administrator made by SQL, while the role is active.
	steps(t, ann, "grant admin to yan")
	steps(t, yan, "create role x !! 1227", "set role admin", "create role x", "set role none", "drop role x !! 1227")
	// Prepared, a statement about accounts does each time what it says.
	stmt, err := yan.PrepareContext(t.Context(), "alter user current_user() identified by 'pw-of-yan-2'")
	if err != nil {
		t.Fatal(err)
	}
	defer stmt.Close()
	for range 2 {
		if _, err := stmt.Exec(); err != nil {
			t.Error(err)
		}
	}
	steps(t, ann, "prepare p from 'grant select on demo.* to yan'", "execute p", "execute p", "revoke select on demo.* from yan", "execute p",
		"show grants for yan => GRANT USAGE ON *.* TO `yan`@`%`|GRANT SELECT ON `demo`.* TO `yan`@`%`|GRANT `admin`@`%` TO `yan`@`%`")
	steps(t, ann, "drop role reader, writer, x", "show grants for zoe => GRANT USAGE ON *.* TO `zoe`@`%`|GRANT SELECT ON `other`.* TO `zoe`@`%`")
}

// runs waits until the process list shows a statement.
func (r *running) runs(t *testing.T, c *sql.Conn, info string) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); !strings.Contains(flat(texts(t, c, "show full processlist")), ","+info); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the process list never showed %s", info)
		}
	}
}

// Connections of users who are dropped, locked, renamed or have another password end, and what they run; the others go on.
func TestAccountsEndConnections(t *testing.T) {
	r := start(t)
	ann := r.conn(t, "")
	open := func(c *sql.Conn) bool { return c.PingContext(t.Context()) == nil }
	for _, change := range []string{"drop user u1", "alter user u1 account lock", "alter user u1 identified by 'new'", "set password for u1 = 'new'", "rename user u1 to u3",
		"alter user u1 require x509"} {
		steps(t, ann, "create user u1 identified by 'one', u2 identified by 'two'")
		u1, u2 := r.as(t, "u1", "one"), r.as(t, "u2", "two")
		ended := make(chan error, 1)
		go func() {
			_, err := u1.ExecContext(t.Context(), "select * from demo.hangs")
			ended <- err
		}()
		r.runs(t, ann, "select * from demo.hangs")
		steps(t, ann, change)
		select {
		case err := <-ended:
			if err == nil {
				t.Errorf("%s: the statement ended as if nothing had happened", change)
			}
		case <-time.After(5 * time.Second):
			t.Fatalf("%s: the statement goes on", change)
		}
		if open(u1) {
			t.Errorf("%s: the connection is open", change)
		}
		if !open(u2) || !open(ann) {
			t.Errorf("%s: another user's connection is closed", change)
		}
		if change == "alter user u1 account lock" {
			if _, err := r.tryAs(t, "u1", "wrong"); code(err) != 1045 { // who doesn't know the password isn't told
				t.Errorf("%v", err)
			}
			if _, err := r.tryAs(t, "u1", "one"); code(err) != 3118 {
				t.Errorf("%v", err)
			}
		}
		steps(t, ann, "drop user if exists u1, u2, u3")
	}
}

func TestOwnPassword(t *testing.T) {
	r := start(t)
	ann := r.conn(t, "")
	steps(t, ann, "create user zoe identified by 'one'")
	zoe, other := r.as(t, "zoe", "one"), r.as(t, "zoe", "one")
	steps(t, zoe, "alter user user() identified by 'two' replace 'wrong' !! 3892", "alter user user() identified by 'two' replace 'one'", "select 1 => 1",
		"set password = 'three'", "alter user current_user() identified by 'four'", "alter user zoe identified by ''  !! 1819", "select 1 => 1")
	if other.PingContext(t.Context()) == nil {
		t.Error("another connection of the user is open")
	}
	if _, err := r.tryAs(t, "zoe", "one"); code(err) != 1045 {
		t.Errorf("the old password: %v", err)
	}
	r.as(t, "zoe", "four")
	steps(t, ann, "set password = 'x' !! 1396")
	// Whoever knew the password when it was changed by somebody else can't change it back.
	steps(t, ann, "alter user zoe identified by 'five'")
	if _, err := zoe.ExecContext(t.Context(), "set password = 'one'"); err == nil {
		t.Error("a connection that should be closed has set a password")
	}
}

// No password is shown: in the process list, in errors, in warnings or in the log.
func TestPasswordsAreNotShown(t *testing.T) {
	r := start(t)
	ann := r.conn(t, "")
	watch := r.conn(t, "")
	var seen, watched []string
	lookAll := func() {
		for _, text := range []string{"show full processlist", "select info from information_schema.processlist", "show warnings"} {
			watched = append(watched, flat(texts(t, watch, text)))
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			lookAll()
		}
	}()
	for _, text := range []string{
		"create user zoe identified by 'hunter2'", "create user zoe identified by 'hunter2'", "alter user zoe identified by \"hunter2\"", "set password for zoe = 'hunter2'",
		"create user x identified by 'hunter2' nonsense", "create user x identified 'hunter2'", "create user 'x' identified by 'hunter2", "create user x identified by hunter2'",
		"grant select on *.* to zoe identified by 'hunter2'", "prepare p from 'create user x identified by ''hunter2'''", "execute p", "execute p",
		"set @q = 'alter user zoe identified by ''hunter2'''", "prepare p from @q", "execute p", "alter user zoe identified by 'a' replace 'hunter2'",
		"/*!80000 alter user zoe identified by 'hunter2' */", "alter user zoe identified by password 'hunter2'", "alter user zoe identified with x as 'hunter2'",
		"selct 1 identified by 'hunter2'", "change master to master_password = 'hunter2'", "alter user bob identified by 'hunter2'", "alter user zoe attribute 'hunter2 password'",
		"select 1; alter user zoe identified by 'hunter2'", "set password 'hunter2'", "create user x identified by 'it''s\\'hunter2'",
	} {
		if _, err := ann.ExecContext(t.Context(), text); err != nil {
			seen = append(seen, err.Error())
		}
		seen = append(seen, flat(texts(t, ann, "show warnings")))
	}
	cancel()
	<-done
	hangs := r.conn(t, "")
	ctx, cancel = context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := hangs.ExecContext(ctx, "(select * from demo.hangs where 'hunter2' = 'password')")
		ended <- err
	}()
	r.runs(t, watch, "(select * from demo.hangs where '<secret>' = '<secret>')")
	look := flat(texts(t, watch, "select info from information_schema.processlist"))
	watched = append(watched, look)
	cancel()
	<-ended
	for _, s := range append(append(seen, watched...), r.log.String()) {
		if strings.Contains(s, "hunter2") {
			t.Errorf("shown: %s", s)
		}
	}
	if !strings.Contains(r.log.String(), "create user zoe identified by '<secret>'") {
		t.Error("the log doesn't tell what was changed")
	}
}

// Failed logins of a user at one address slow down and block him there for a while; another user isn't hurt, and in time he is let in again.
func TestFailedLogins(t *testing.T) {
	r := start(t, func(c *mysql.Config) { c.LoginDelay = 2 * time.Millisecond })
	steps(t, r.conn(t, ""), "create user zoe identified by 'right'")
	for i := range 10 {
		if _, err := r.tryAs(t, "zoe", "wrong"); code(err) != 1045 {
			t.Fatalf("failure %d: %v", i+1, err)
		}
	}
	for _, password := range []string{"wrong", "right"} {
		if _, err := r.tryAs(t, "zoe", password); code(err) != 3955 || !strings.Contains(err.Error(), "due to 10 consecutive failed logins") {
			t.Errorf("%s: %v", password, err)
		}
	}
	r.as(t, "bob", "pw-of-bob")
	if !strings.Contains(r.log.String(), "blocked=120ms") {
		t.Error("the log doesn't tell that the name is blocked")
	}
	time.Sleep(130 * time.Millisecond)
	r.as(t, "zoe", "right")
	if _, err := r.tryAs(t, "zoe", "wrong"); code(err) != 1045 {
		t.Errorf("after a good login: %v", err)
	}
}
