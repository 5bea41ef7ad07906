package account

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"weir/catalog/state"
)

func openState(t *testing.T, dir string) *state.Store {
	t.Helper()
	s, err := state.Open(t.Context(), state.Config{Dir: dir, Poll: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// All that can be said of accounts comes back from the store as it was.
func TestStore(t *testing.T) {
	dir := t.TempDir()
	users := []Configured{{Name: "ana", Password: "a", Roles: []string{Admin}}}
	store := openState(t, dir)
	b, err := Open(t.Context(), store, users)
	if err != nil {
		t.Fatal(err)
	}
	ana := login(t, b, "ana")
	yes, north := true, "nörth 'x'"
	for _, change := range []func(*Draft) error{
		func(d *Draft) error { return d.CreateRoles([]string{"r1", "rôle 2"}, false) },
		func(d *Draft) error {
			return d.CreateUsers([]User{user("zoe")}, Options{Locked: &yes, Require: &Require{SSL: true}, Attributes: map[string]*string{"region": &north}}, false)
		},
		func(d *Draft) error {
			return d.CreateUsers([]User{{Name: "certified"}}, Options{Require: &Require{X509: true, Subject: "/CN=x", Issuer: "/CN=y"}}, false)
		},
		func(d *Draft) error {
			return d.CreateUsers([]User{user("yan"), user("gone")}, Options{Defaults: &Roles{Which: Those, Names: []string{"r1"}}}, false)
		},
		func(d *Draft) error { return d.GrantRoles([]string{"r1"}, []string{"rôle 2"}, true) },
		func(d *Draft) error {
			return d.Grant(Privileges{On: on("erp", "or`ders"), Columns: []string{"a b", "c"}, GrantOption: true}, []string{"zoe", "r1"})
		},
		func(d *Draft) error { return d.Grant(Privileges{Select: true}, []string{"rôle 2"}) },
		func(d *Draft) error { return d.DropUsers([]string{"gone"}, false) },
		func(d *Draft) error {
			return d.Revoke(Privileges{On: on("erp", "or`ders"), Columns: []string{"c"}}, []string{"r1"}, false, false)
		},
		func(d *Draft) error { return d.RenameUsers([]Rename{{"yan", "yannick"}}) },
	} {
		do(t, b, ana, change)
	}
	refused(t, b, ana, 1396, func(d *Draft) error {
		return errors.Join(d.CreateRoles([]string{"not kept"}, false), d.DropUsers([]string{"nobody"}, false))
	})
	want := b.now.Load().rows
	if len(want.records) != 5 || len(want.members) != 2 || len(want.grants) != 6 {
		t.Fatalf("%+v", want)
	}
	store.Close()
	again, err := Open(t.Context(), openState(t, dir), users)
	if err != nil {
		t.Fatal(err)
	}
	if got := again.now.Load().rows; !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	zoe, _ := again.Find("zoe")
	if !zoe.Password.is("pw-of-zoe") || zoe.Password.is("x") || !zoe.Locked || zoe.Attributes["region"] != north {
		t.Errorf("%+v", zoe)
	}
}

// A store that can't be understood is no store with fewer grants.
func TestStoreThatIsDamaged(t *testing.T) {
	for _, text := range []string{
		"INSERT INTO weir_accounts VALUES ('x', 'user', 'p', 'zz', '', 0, '{}', '{}')", "INSERT INTO weir_accounts VALUES ('x', 'user', 'p', '', '', 0, '[', '{}')",
		"INSERT INTO weir_accounts VALUES ('x', 'user', 'p', '', '', 0, '{}', '{\"a\":1}')",
	} {
		s := openState(t, t.TempDir())
		if err := s.Update(t.Context(), topic, func(tx *state.Tx) error { return tx.Exec(text) }); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(t.Context(), s, nil); err == nil {
			t.Errorf("%s: opened", text)
		}
	}
}

// While the store doesn't answer, accounts are as they were, and changes are refused.
func TestStoreThatIsGone(t *testing.T) {
	store := openState(t, t.TempDir())
	b, err := Open(t.Context(), store, []Configured{{Name: "ana", Password: "a", Roles: []string{Admin}}})
	if err != nil {
		t.Fatal(err)
	}
	ana := login(t, b, "ana")
	do(t, b, ana, func(d *Draft) error { return d.CreateUsers([]User{user("zoe")}, Options{}, false) })
	store.Close()
	refused(t, b, ana, 1105, func(d *Draft) error { return d.DropUsers([]string{"zoe"}, false) })
	login(t, b, "zoe")
}
