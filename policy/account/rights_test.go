package account

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"weir/engine/sqlerr"
)

// book is a book that keeps nothing: ana administers, bob reads all, zoe and yan are made by SQL.
func book(t *testing.T) (*Book, *Session) {
	t.Helper()
	b, err := NewBook([]Configured{{Name: "ana", Password: "a", Roles: []string{Admin, "boss"}, Attributes: map[string]string{"region": "north"}}, {Name: "bob", Password: "b"}})
	if err != nil {
		t.Fatal(err)
	}
	ana := login(t, b, "ana")
	do(t, b, ana, func(d *Draft) error { return d.CreateUsers([]User{user("zoe"), user("yan")}, Options{}, false) })
	do(t, b, ana, func(d *Draft) error { return d.CreateRoles([]string{"r1", "r2", "r3"}, false) })
	return b, ana
}

func user(name string) User {
	password := "pw-of-" + name
	return User{Name: name, Auth: &Auth{Password: &password}}
}

func login(t *testing.T, b *Book, name string) *Session {
	t.Helper()
	a, ok := b.Find(name)
	if !ok {
		t.Fatalf("no account %s", name)
	}
	return b.Login(a, "127.0.0.1")
}

func do(t *testing.T, b *Book, by *Session, change func(*Draft) error) {
	t.Helper()
	if err := b.Update(t.Context(), by, change); err != nil {
		t.Fatal(err)
	}
}

// refused checks that a change fails with a code and changes nothing.
func refused(t *testing.T, b *Book, by *Session, code uint16, change func(*Draft) error) {
	t.Helper()
	before := b.now.Load()
	err := b.Update(t.Context(), by, change)
	var e *sqlerr.Error
	if !errors.As(err, &e) || e.Code != code {
		t.Errorf("%v, want code %d", err, code)
	}
	if b.now.Load() != before {
		t.Errorf("a change that was refused (%v) has changed the book", err)
	}
}

func on(database, table string) Level { return Level{Database: database, Table: table} }

func TestRights(t *testing.T) {
	all := []Level{{"erp", "orders", "id"}, {"erp", "orders", "total"}, {"erp", "users", "id"}, {"crm", "orders", "id"}, {"crm", "Orders", "id"}, {"ERP", "orders", "id"},
		{"erp", "orders", "ID"}, {"erp2", "orders", "id"}}
	for _, c := range []struct {
		name   string
		zoe    []Privileges // granted to zoe
		role   []Privileges // granted to r1, which zoe has active
		nested []Privileges // granted to r2, which r1 holds
		other  []Privileges // granted to r3, which zoe holds but hasn't active, and to yan
		want   []Level      // the columns that may be read
		tables []Level      // the tables of which something may be read
	}{
		{name: "nothing"},
		{name: "all", zoe: []Privileges{{Select: true}}, want: all, tables: all},
		{name: "a database", zoe: []Privileges{{On: on("erp", ""), Select: true}}, want: []Level{all[0], all[1], all[2], all[6]}},
		{name: "a table", zoe: []Privileges{{On: on("erp", "orders"), Select: true}}, want: []Level{all[0], all[1], all[6]}},
		{name: "a column", zoe: []Privileges{{On: on("erp", "orders"), Columns: []string{"id"}}}, want: []Level{all[0]}},
		{name: "columns by a role and by oneself", zoe: []Privileges{{On: on("erp", "orders"), Columns: []string{"id"}}},
			role: []Privileges{{On: on("erp", "orders"), Columns: []string{"total"}}}, want: []Level{all[0], all[1]}},
		{name: "by a role's role", nested: []Privileges{{On: on("crm", "Orders"), Select: true}}, want: []Level{all[4]}},
		{name: "by a role that isn't active", other: []Privileges{{Select: true}}},
		{name: "the right to grant is no right to read", zoe: []Privileges{{GrantOption: true}}, role: []Privileges{{On: on("erp", "orders"), GrantOption: true}}},
		{name: "usage", zoe: []Privileges{{}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, ana := book(t)
			do(t, b, ana, func(d *Draft) error {
				return errors.Join(d.GrantRoles([]string{"r1", "r3"}, []string{"zoe"}, false), d.GrantRoles([]string{"r2"}, []string{"r1"}, false))
			})
			for to, grants := range map[string][]Privileges{"zoe": c.zoe, "r1": c.role, "r2": c.nested, "r3": c.other, "yan": c.other} {
				for _, g := range grants {
					do(t, b, ana, func(d *Draft) error { return d.Grant(g, []string{to}) })
				}
			}
			zoe := login(t, b, "zoe")
			if err := zoe.SetRole(Roles{Which: Those, Names: []string{"r1"}}); err != nil {
				t.Fatal(err)
			}
			rights := zoe.Principal().Rights
			for _, l := range all {
				may := slices.Contains(c.want, l)
				table := slices.ContainsFunc(c.want, func(w Level) bool { return w.Database == l.Database && w.Table == l.Table })
				if rights.Column(l.Database, l.Table, l.Column) != may {
					t.Errorf("column %v: %v, want %v", l, !may, may)
				}
				if rights.Table(l.Database, l.Table) != table {
					t.Errorf("table %v: %v, want %v", l, !table, table)
				}
			}
		})
	}
}

// Those who may grant but don't administer give what they have, where they may pass it on, and no more.
func TestGrantOption(t *testing.T) {
	b, ana := book(t)
	zoe := login(t, b, "zoe")
	sel := func(l Level, columns ...string) Privileges {
		return Privileges{On: l, Select: columns == nil, Columns: columns}
	}
	option := func(p Privileges) Privileges { p.GrantOption = true; return p }
	grant := func(p Privileges) func(*Draft) error {
		return func(d *Draft) error { return d.Grant(p, []string{"yan"}) }
	}
	revoke := func(p Privileges) func(*Draft) error {
		return func(d *Draft) error { return d.Revoke(p, []string{"yan"}, false, false) }
	}
	refused(t, b, zoe, 1044, grant(sel(on("erp", ""))))
	do(t, b, ana, func(d *Draft) error { return d.Grant(option(sel(on("erp", ""))), []string{"zoe"}) })
	do(t, b, ana, func(d *Draft) error { return d.Grant(sel(on("crm", "")), []string{"zoe"}) }) // may read, may not pass on
	do(t, b, ana, func(d *Draft) error { return d.Grant(Privileges{On: on("hr", ""), GrantOption: true}, []string{"zoe"}) })
	do(t, b, zoe, grant(sel(on("erp", ""))))
	do(t, b, zoe, grant(option(sel(on("erp", "orders")))))
	do(t, b, zoe, grant(sel(on("erp", "orders"), "id")))
	do(t, b, zoe, revoke(sel(on("erp", "orders"), "id")))
	refused(t, b, zoe, 1045, grant(sel(on("", ""))))
	refused(t, b, zoe, 1044, grant(sel(on("crm", ""))))
	refused(t, b, zoe, 1142, grant(sel(on("crm", "t"))))
	refused(t, b, zoe, 1044, grant(sel(on("hr", "")))) // may pass on, but has nothing
	refused(t, b, zoe, 1144, grant(sel(on("erp", ""), "id")))
	refused(t, b, zoe, 1044, revoke(sel(on("crm", ""))))
	refused(t, b, zoe, 1410, func(d *Draft) error { return d.Grant(sel(on("erp", "")), []string{"nobody"}) })
	refused(t, b, login(t, b, "bob"), 1044, grant(sel(on("erp", "")))) // reads all, may not pass it on
	yan := login(t, b, "yan")
	refused(t, b, yan, 1044, func(d *Draft) error { return d.Grant(sel(on("erp", "")), []string{"zoe"}) })
	do(t, b, yan, func(d *Draft) error { return d.Grant(sel(on("erp", "orders"), "id"), []string{"r1"}) })
}

func TestAdminOption(t *testing.T) {
	b, ana := book(t)
	zoe := login(t, b, "zoe")
	pass := func(role string) func(*Draft) error {
		return func(d *Draft) error { return d.GrantRoles([]string{role}, []string{"yan"}, true) }
	}
	do(t, b, ana, func(d *Draft) error { return d.GrantRoles([]string{"r1"}, []string{"zoe"}, false) })
	refused(t, b, zoe, 1227, pass("r1"))
	do(t, b, ana, func(d *Draft) error { return d.GrantRoles([]string{"r1"}, []string{"zoe"}, true) })
	do(t, b, zoe, pass("r1"))
	refused(t, b, zoe, 1227, pass("r2"))
	refused(t, b, zoe, 1227, pass(Admin))
	do(t, b, zoe, func(d *Draft) error { return d.RevokeRoles([]string{"r1"}, []string{"yan"}, false, false) })
	lines, err := zoe.ShowGrants("", nil)
	if want := "GRANT USAGE ON *.* TO `zoe`@`%`|GRANT `r1`@`%` TO `zoe`@`%` WITH ADMIN OPTION"; err != nil || strings.Join(lines, "|") != want {
		t.Errorf("%v %v", lines, err)
	}
}

// Revoking takes away what has been granted, and what is left is told and no more.
func TestRevoke(t *testing.T) {
	for _, c := range []struct {
		granted []Privileges
		revoked Privileges
		code    uint16 // 0: it goes
		left    string
	}{
		{[]Privileges{{On: on("erp", ""), Select: true, GrantOption: true}}, Privileges{On: on("erp", ""), Select: true}, 0, "USAGE ON `erp`.* WITH GRANT OPTION"},
		{[]Privileges{{On: on("erp", ""), Select: true, GrantOption: true}}, Privileges{On: on("erp", ""), GrantOption: true}, 0, "SELECT ON `erp`.*"},
		{[]Privileges{{On: on("erp", ""), Select: true}}, Privileges{On: on("ERP", ""), Select: true}, 0, ""},
		{[]Privileges{{Select: true}}, Privileges{On: on("erp", ""), Select: true}, 1141, "SELECT ON *.*"},
		{[]Privileges{{On: on("erp", ""), Select: true}}, Privileges{Select: true}, 1141, "SELECT ON `erp`.*"},
		{[]Privileges{{On: on("erp", "t"), Columns: []string{"a", "b"}}}, Privileges{On: on("erp", "t"), Columns: []string{"A"}}, 0, "SELECT (`b`) ON `erp`.`t`"},
		{[]Privileges{{On: on("erp", "t"), Columns: []string{"a", "b"}}}, Privileges{On: on("erp", "t"), Select: true}, 0, ""},
		{[]Privileges{{On: on("erp", "t"), Select: true}}, Privileges{On: on("erp", "t"), Columns: []string{"a"}}, 1147, "SELECT ON `erp`.`t`"},
		{[]Privileges{{On: on("erp", "t"), Select: true}}, Privileges{On: on("erp", ""), Select: true}, 1141, "SELECT ON `erp`.`t`"},
	} {
		b, ana := book(t)
		for _, g := range c.granted {
			do(t, b, ana, func(d *Draft) error { return d.Grant(g, []string{"zoe"}) })
		}
		revoke := func(d *Draft) error { return d.Revoke(c.revoked, []string{"zoe"}, false, false) }
		if c.code == 0 {
			do(t, b, ana, revoke)
		} else {
			refused(t, b, ana, c.code, revoke)
		}
		lines, err := ana.ShowGrants("zoe", nil)
		var left []string
		for _, l := range lines {
			if l = strings.Replace(strings.TrimPrefix(l, "GRANT "), " TO `zoe`@`%`", "", 1); l != "USAGE ON *.*" {
				left = append(left, l)
			}
		}
		if err != nil || strings.Join(left, "|") != c.left {
			t.Errorf("%+v without %+v: %v %v, want %s", c.granted, c.revoked, left, err, c.left)
		}
	}
}

func TestRoleGraph(t *testing.T) {
	b, ana := book(t)
	chain := func(d *Draft) error {
		return errors.Join(d.GrantRoles([]string{"r2"}, []string{"r1"}, false), d.GrantRoles([]string{"r3"}, []string{"r2"}, false),
			d.GrantRoles([]string{"r1"}, []string{"zoe", "boss"}, false))
	}
	do(t, b, ana, chain)
	for _, to := range []string{"r1", "r2", "r3"} {
		refused(t, b, ana, 4027, func(d *Draft) error { return d.GrantRoles([]string{"r1"}, []string{to}, false) })
	}
	// A role of weir.yaml holds what SQL grants to it, for the users of weir.yaml too.
	if p := ana.Principal(); fmt.Sprint(p.Roles) != "[admin boss r1 r2 r3]" || p.Rights != nil || p.Attributes["region"] != "north" {
		t.Errorf("%+v", p)
	}
	zoe := login(t, b, "zoe")
	if p := zoe.Principal(); len(p.Roles) != 0 {
		t.Errorf("without default roles: %v", p.Roles)
	}
	if err := zoe.SetRole(Roles{Which: All}); err != nil {
		t.Fatal(err)
	}
	if p := zoe.Principal(); fmt.Sprint(p.Roles, zoe.ActiveRoles()) != "[r1 r2 r3] [r1]" {
		t.Errorf("%v %v", p.Roles, zoe.ActiveRoles())
	}
	do(t, b, ana, func(d *Draft) error { return d.DropRoles([]string{"r2"}, false) })
	if p := zoe.Principal(); fmt.Sprint(p.Roles) != "[r1]" {
		t.Errorf("after a role in the midst is dropped: %v", p.Roles)
	}
	// A new role of a name that has been dropped holds nothing of the old one.
	do(t, b, ana, func(d *Draft) error { return d.CreateRoles([]string{"r2"}, false) })
	if p := zoe.Principal(); fmt.Sprint(p.Roles) != "[r1]" {
		t.Errorf("after it is made again: %v", p.Roles)
	}
}

// What belongs to an account goes with it, and its name brings nothing to the next one.
func TestDropAndRename(t *testing.T) {
	b, ana := book(t)
	do(t, b, ana, func(d *Draft) error {
		return errors.Join(d.Grant(Privileges{Select: true}, []string{"zoe"}), d.GrantRoles([]string{"r1"}, []string{"zoe"}, false), d.SetDefaultRole(Roles{Which: All}, []string{"zoe"}))
	})
	zoe := login(t, b, "zoe")
	do(t, b, ana, func(d *Draft) error { return d.RenameUsers([]Rename{{"zoe", "zelda"}}) })
	if zoe.book.Holds(zoe.Account()) {
		t.Error("a session of a name that is gone holds")
	}
	if p := zoe.Principal(); len(p.Roles) != 0 || p.Rights.Table("erp", "orders") {
		t.Errorf("it may still: %+v", p)
	}
	if p := login(t, b, "zelda").Principal(); fmt.Sprint(p.Roles) != "[r1]" || !p.Rights.Table("erp", "orders") {
		t.Errorf("under the new name: %+v", p)
	}
	old := login(t, b, "zelda")
	do(t, b, ana, func(d *Draft) error { return d.DropUsers([]string{"zelda"}, false) })
	do(t, b, ana, func(d *Draft) error {
		return errors.Join(d.CreateUsers([]User{{Name: "zelda", Auth: &Auth{Password: &[]string{"another"}[0]}}}, Options{}, false), d.Grant(Privileges{Select: true}, []string{"zelda"}))
	})
	if p := old.Principal(); len(p.Roles)+len(p.Granted)+len(p.Attributes) != 0 || p.Rights == nil || p.Rights.Table("erp", "orders") || p.Rights.Column("erp", "orders", "id") {
		t.Errorf("a session of an account that was made anew since: %+v", p)
	}
	do(t, b, ana, func(d *Draft) error { return d.DropUsers([]string{"zelda"}, false) })
	do(t, b, ana, func(d *Draft) error { return d.CreateUsers([]User{user("zelda")}, Options{}, false) })
	if p := login(t, b, "zelda").Principal(); len(p.Roles) != 0 || p.Rights.Table("erp", "orders") {
		t.Errorf("of a name that was dropped: %+v", p)
	}
	// weir.yaml goes before SQL, and is not changed by it.
	if err := b.Configure([]Configured{{Name: "ana", Password: "a", Roles: []string{Admin}}, {Name: "zelda", Password: "z"}}); err != nil {
		t.Fatal(err)
	}
	if a, _ := b.Find("zelda"); a.Origin != FromFile || !a.Password.is("z") {
		t.Errorf("%+v", a)
	}
	for _, change := range []func(*Draft) error{
		func(d *Draft) error { return d.DropUsers([]string{"zelda"}, true) },
		func(d *Draft) error { return d.AlterUsers([]User{user("zelda")}, Options{}, false) },
		func(d *Draft) error { return d.RenameUsers([]Rename{{"zelda", "x"}}) },
		func(d *Draft) error { return d.Grant(Privileges{Select: true}, []string{"zelda"}) },
		func(d *Draft) error { return d.GrantRoles([]string{"r1"}, []string{"zelda"}, false) },
		func(d *Draft) error { return d.RevokeAll([]string{"zelda"}, true) },
		func(d *Draft) error { return d.SetDefaultRole(Roles{Which: None}, []string{"zelda"}) },
	} {
		refused(t, b, login(t, b, "ana"), 1396, change)
	}
}

// An account from elsewhere has the rights of its roles, and nothing of an account of its name.
func TestElsewhere(t *testing.T) {
	b, ana := book(t)
	do(t, b, ana, func(d *Draft) error { return d.Grant(Privileges{On: on("erp", ""), Select: true}, []string{"r1"}) })
	max := &Account{Name: "max", Origin: FromElsewhere, Roles: []string{"r1", "unknown"}, Defaults: []string{"r1", "unknown"}}
	s := b.Login(max, "h")
	if p := s.Principal(); fmt.Sprint(p.Roles) != "[r1 unknown]" || !p.Rights.Table("erp", "t") || p.Rights.Table("crm", "t") {
		t.Errorf("%+v", p)
	}
	if !b.Holds(max) {
		t.Error("it doesn't hold")
	}
	do(t, b, ana, func(d *Draft) error {
		return errors.Join(d.CreateUsers([]User{user("max")}, Options{}, false), d.Grant(Privileges{Select: true}, []string{"max"}))
	})
	if b.Holds(max) || s.Principal().Rights.Table("crm", "t") {
		t.Error("it takes the place of an account that SQL made")
	}
}

func TestVerifierIsNotPrinted(t *testing.T) {
	a := Account{Name: "x", Password: VerifierOf("hunter2")}
	for _, f := range []string{"%v", "%+v", "%#v", "%s"} {
		if s := fmt.Sprintf(f, a.Password); s != "[redacted]" {
			t.Errorf("%s: %s", f, s)
		}
		if s := fmt.Sprintf(f, a); !strings.Contains(s, "[redacted]") {
			t.Errorf("%s: %s", f, s)
		}
	}
}

// Roles can be put aside; a principal still tells of them, for the policies that take something away.
func TestSetRole(t *testing.T) {
	b, ana := book(t)
	do(t, b, ana, func(d *Draft) error {
		return errors.Join(d.GrantRoles([]string{"r1", "r2"}, []string{"zoe"}, false), d.GrantRoles([]string{"r3"}, []string{"r2"}, false),
			d.SetDefaultRole(Roles{Which: Those, Names: []string{"r2"}}, []string{"zoe"}))
	})
	for _, c := range []struct {
		who     string
		set     Roles
		active  string
		granted string
	}{
		{"zoe", Roles{Which: Defaults}, "[r2 r3]", "[r1 r2 r3]"}, {"zoe", Roles{Which: None}, "[]", "[r1 r2 r3]"}, {"zoe", Roles{Which: All}, "[r1 r2 r3]", "[r1 r2 r3]"},
		{"zoe", Roles{Which: AllBut, Names: []string{"r2", "unknown"}}, "[r1]", "[r1 r2 r3]"}, {"zoe", those("r1"), "[r1]", "[r1 r2 r3]"},
		{"ana", Roles{Which: None}, "[]", "[admin boss]"}, {"ana", those("boss"), "[boss]", "[admin boss]"}, {"ana", Roles{Which: Defaults}, "[admin boss]", "[admin boss]"},
	} {
		s := login(t, b, c.who)
		if err := s.SetRole(c.set); err != nil {
			t.Errorf("%s %+v: %v", c.who, c.set, err)
		}
		if p := s.Principal(); fmt.Sprint(p.Roles) != c.active || fmt.Sprint(p.Granted) != c.granted {
			t.Errorf("%s %+v: %v of %v, want %s of %s", c.who, c.set, p.Roles, p.Granted, c.active, c.granted)
		}
		if c.who == "ana" && s.IsAdmin() != (c.set.Which == Defaults) {
			t.Errorf("%+v: administrator %v", c.set, s.IsAdmin())
		}
		s.Reset()
		if p := s.Principal(); c.who == "zoe" && fmt.Sprint(p.Roles) != "[r2 r3]" {
			t.Errorf("after a reset: %v", p.Roles)
		}
	}
	zoe := login(t, b, "zoe")
	if err := zoe.SetRole(those("r1", "r3")); err == nil { // r3 is held by r2 only
		t.Error("a role that isn't granted is active")
	}
	if p := zoe.Principal(); fmt.Sprint(p.Roles) != "[r2 r3]" {
		t.Errorf("an error has changed the roles to %v", p.Roles)
	}
}

func those(names ...string) Roles { return Roles{Which: Those, Names: names} }

// What SQL grants of a role of weir.yaml stays when the file no longer names it, and can then be dropped; a user who is called like such a role is not it.
func TestRolesOfTheFile(t *testing.T) {
	b, ana := book(t)
	do(t, b, ana, func(d *Draft) error {
		return errors.Join(d.Grant(Privileges{On: on("erp", ""), Select: true}, []string{"boss"}), d.GrantRoles([]string{"boss"}, []string{"zoe"}, false),
			d.SetDefaultRole(Roles{Which: All}, []string{"zoe"}))
	})
	refused(t, b, ana, 1396, func(d *Draft) error { return d.DropRoles([]string{"boss"}, false) })
	file := []Configured{{Name: "ana", Password: "a", Roles: []string{Admin, "yan"}}}
	if err := b.Configure(file); err != nil {
		t.Fatal(err)
	}
	ana = login(t, b, "ana")
	if p := login(t, b, "zoe").Principal(); fmt.Sprint(p.Roles) != "[boss]" || !p.Rights.Table("erp", "t") {
		t.Errorf("%+v", p)
	}
	do(t, b, ana, func(d *Draft) error { return d.DropRoles([]string{"boss"}, false) })
	if p := login(t, b, "zoe").Principal(); len(p.Roles) != 0 || p.Rights.Table("erp", "t") {
		t.Errorf("%+v", p)
	}
	// yan is a user, and now a role of the file too.
	do(t, b, ana, func(d *Draft) error { return d.GrantRoles([]string{"r1"}, []string{"yan"}, false) })
	if p := ana.Principal(); fmt.Sprint(p.Roles) != "[admin yan]" {
		t.Errorf("the role has the roles of the user: %v", p.Roles)
	}
	refused(t, b, ana, 3523, func(d *Draft) error { return d.GrantRoles([]string{"yan"}, []string{"zoe"}, false) })
}

// A principal is always of one moment: r1 gives a table and r2 takes its place, and no statement ever sees both or neither.
func TestPrincipalIsOfOneMoment(t *testing.T) {
	b, ana := book(t)
	do(t, b, ana, func(d *Draft) error {
		return errors.Join(d.GrantRoles([]string{"r1"}, []string{"zoe"}, false), d.Grant(Privileges{On: on("a", ""), Select: true}, []string{"r1"}),
			d.Grant(Privileges{On: on("b", ""), Select: true}, []string{"r2"}))
	})
	zoe := login(t, b, "zoe")
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if err := zoe.SetRole(Roles{Which: All}); err != nil {
					t.Error(err)
				}
				p := zoe.Principal()
				one, other := p.Rights.Table("a", "t"), p.Rights.Table("b", "t")
				if one && other || len(p.Roles) != 0 && one == other {
					t.Errorf("%v reads a: %v, b: %v", p.Roles, one, other)
				}
				zoe.ActiveRoles()
				zoe.Held()
				zoe.HeldRoles()
			}
		})
	}
	from, to := "r1", "r2"
	for range 200 {
		do(t, b, ana, func(d *Draft) error {
			return errors.Join(d.RevokeRoles([]string{from}, []string{"zoe"}, false, false), d.GrantRoles([]string{to}, []string{"zoe"}, false))
		})
		from, to = to, from
	}
	close(stop)
	readers.Wait()
}
