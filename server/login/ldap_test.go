package login

import (
	"context"
	"errors"
	"net"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/server/login/logintest"
)

const (
	people = "ou=people,dc=x,dc=test"
	groups = "ou=groups,dc=x,dc=test"
)

func entries() []logintest.Entry {
	person := func(uid, password string, more map[string][]string) logintest.Entry {
		e := logintest.Entry{DN: "uid=" + uid + "," + people, Password: password, Attributes: map[string][]string{"uid": {uid}}}
		for k, v := range more {
			e.Attributes[k] = v
		}
		return e
	}
	group := func(cn string, members ...string) logintest.Entry {
		e := logintest.Entry{DN: "cn=" + cn + "," + groups, Attributes: map[string][]string{"cn": {cn}}}
		for _, m := range members {
			e.Attributes["member"] = append(e.Attributes["member"], "uid="+m+","+people)
		}
		return e
	}
	return []logintest.Entry{
		{DN: "cn=weir,dc=x,dc=test", Password: "pw-of-weir"},
		person("ana", "pw-of-ana", map[string][]string{"l": {"EU"}, "mail": {"ana@x.test", "a@x.test"}}),
		person("bob", "pw-of-bob", nil),
		person("eve", "pw-of-eve", nil),
		person("twin", "pw-of-twin", nil),
		{DN: "uid=twin,ou=old," + people, Password: "pw-of-twin", Attributes: map[string][]string{"uid": {"twin"}}},
		person("(odd)*", "pw-of-odd", nil),
		group("Analysts", "ana", "bob", "twin", "(odd)*"),
		group("leads", "ana"),
		group("unmapped", "eve"),
	}
}

func searching(d *logintest.Directory) LDAP {
	return LDAP{URL: "ldaps://" + d.Host, CA: d.Authority.File,
		Search:     Search{BindDN: "cn=weir,dc=x,dc=test", Password: "pw-of-weir", Base: people, Filter: "(uid={user})"},
		Groups:     Groups{Base: groups, Filter: "(member={dn})"},
		Roles:      map[string]string{"analysts": "analyst", "leads": "lead"},
		Attributes: map[string]string{"region": "l", "mail": "mail"}}
}

func binding(d *logintest.Directory) LDAP {
	c := searching(d)
	c.Search = Search{}
	c.BindDN = "uid={user}," + people
	return c
}

// Both ways to find a user's entry, over TLS from the beginning and by StartTLS.
func TestLDAP(t *testing.T) {
	for _, startTLS := range []bool{false, true} {
		for name, config := range map[string]func(*logintest.Directory) LDAP{"search": searching, "bind": binding} {
			t.Run(name+map[bool]string{true: " StartTLS"}[startTLS], func(t *testing.T) {
				d := logintest.NewDirectory(t, startTLS, entries()...)
				cfg := config(d)
				cfg.Session = time.Hour
				if startTLS {
					cfg.URL, cfg.StartTLS = "ldap://"+d.Host, true
				}
				m := methods(t, Config{LDAP: &cfg})
				id, err := m.Login(t.Context(), "ana", "pw-of-ana")
				if err != nil {
					t.Fatal(err)
				}
				if id.Name != "ana" || !reflect.DeepEqual(id.Roles, []string{"analyst", "lead"}) || !reflect.DeepEqual(id.Attributes, map[string]string{"region": "EU"}) {
					t.Errorf("%+v", id)
				}
				if left := time.Until(id.Expires); left < 59*time.Minute || left > time.Hour {
					t.Errorf("the session lasts %v", left)
				}
				// A directory doesn't mind the case; the name is as the directory spells it.
				if id, err := m.Login(t.Context(), "ANA", "pw-of-ana"); err != nil || id.Name != "ana" {
					t.Errorf("ANA: %+v, %v", id, err)
				}
				if id, err := m.Login(t.Context(), "(odd)*", "pw-of-odd"); err != nil || id.Name != "(odd)*" || !slices.Contains(id.Roles, "analyst") {
					t.Errorf("a name with characters of filters: %+v, %v", id, err)
				}
				for _, c := range []struct{ user, password, why string }{
					{"ana", "pw-of-bob", ""},
					{"ana", "PW-OF-ANA", ""},
					{"nobody", "pw-of-ana", ""},
					{"*", "pw-of-ana", ""},
					{"ana)(uid=*", "pw-of-ana", ""},
					{"ana,ou=people", "pw-of-ana", ""},
					{"eve", "pw-of-eve", "no role"},
					{"ana", "", "empty"},
					{"nobody", "", "empty"},
					{"ana", "\x00", "zero"},
					{"ana", "pw-of-ana\x00", "zero"},
				} {
					id, err := m.Login(t.Context(), c.user, c.password)
					if !errors.Is(err, ErrDenied) || !strings.Contains(err.Error(), c.why) {
						t.Errorf("%q %q: %+v, %v", c.user, c.password, id, err)
					}
					if c.password != "" && err != nil && strings.Contains(err.Error(), c.password) {
						t.Errorf("the reason quotes the password: %v", err)
					}
				}
				if config(d).BindDN == "" {
					if _, err := m.Login(t.Context(), "twin", "pw-of-twin"); !errors.Is(err, ErrDenied) || !strings.Contains(err.Error(), "more than one") {
						t.Errorf("two entries of one name: %v", err)
					}
				}
			})
		}
	}
}

// The directory says yes to a bind without a password: it must never be asked for one.
func TestEmptyPasswordIsNotAsked(t *testing.T) {
	d := logintest.NewDirectory(t, false, entries()...)
	cfg := binding(d)
	m := methods(t, Config{LDAP: &cfg})
	if _, err := m.Login(t.Context(), "ana", ""); !errors.Is(err, ErrDenied) {
		t.Errorf("%v", err)
	}
	if binds := d.Binds(); len(binds) != 0 {
		t.Errorf("bound as %v", binds)
	}
}

// Whatever stands in a name, it stays one value of the filter and one part of the distinguished name.
func TestNamesAreEscaped(t *testing.T) {
	d := logintest.NewDirectory(t, false, entries()...)
	search, bind := searching(d), binding(d)
	_, _ = methods(t, Config{LDAP: &search}).Login(t.Context(), `a)(uid=*\`, "pw")
	if got := d.Filters(); len(got) != 1 || got[0] != `(uid=a\29\28uid=\2a\5c)` {
		t.Errorf("filters %q", got)
	}
	_, _ = methods(t, Config{LDAP: &bind}).Login(t.Context(), `ana,ou=people+cn="x"`, "pw")
	if got := d.Binds(); got[len(got)-1] != `uid=ana\,ou=people\+cn=\"x\",`+people && got[len(got)-1] != `uid=ana\,ou\=people\+cn\=\"x\",`+people {
		t.Errorf("binds %q", got)
	}
}

// A token goes to those who can verify it, and a password doesn't go to them.
func TestTokensDontGoToTheDirectory(t *testing.T) {
	d := logintest.NewDirectory(t, false, entries()...)
	p := logintest.NewProvider(t)
	key := p.NewKey("k")
	cfg := binding(d)
	m := methods(t, Config{LDAP: &cfg, OIDC: []OIDC{trusting(p)}})
	if _, err := m.Login(t.Context(), "ana", logintest.Token(t, key, "k", "ana", map[string]any{"aud": "payroll"})); !errors.Is(err, ErrDenied) {
		t.Errorf("%v", err)
	}
	if binds := d.Binds(); len(binds) != 0 {
		t.Errorf("bound as %v", binds)
	}
	if id, err := m.Login(t.Context(), "ana", logintest.Token(t, key, "k", "ana", nil)); err != nil || id.Roles[0] != "everybody" {
		t.Errorf("%+v, %v", id, err)
	}
	if id, err := m.Login(t.Context(), "ana", "pw-of-ana"); err != nil || id.Roles[0] != "analyst" {
		t.Errorf("%+v, %v", id, err)
	}
	if n := p.Fetched.Load(); n != 1 {
		t.Errorf("the keys were read %d times", n)
	}
}

func TestDirectoryCantBeAsked(t *testing.T) {
	d := logintest.NewDirectory(t, false, entries()...)
	silent, err := net.Listen("tcp", "127.0.0.1:0") // takes connections and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	for name, change := range map[string]func(*LDAP){
		"nobody there":      func(c *LDAP) { c.URL = "ldaps://127.0.0.1:1" },
		"unknown authority": func(c *LDAP) { c.CA = "" },
		"another name":      func(c *LDAP) { c.URL = strings.Replace(c.URL, "127.0.0.1", "127.0.0.2", 1) },
		"silent":            func(c *LDAP) { c.URL = "ldaps://" + silent.Addr().String() },
		"silent, StartTLS":  func(c *LDAP) { c.URL, c.StartTLS = "ldap://"+silent.Addr().String(), true },
		"may not search":    func(c *LDAP) { c.Search.Password = "wrong" },
	} {
		cfg := searching(d)
		cfg.Timeout = 300 * time.Millisecond
		change(&cfg)
		m := methods(t, Config{LDAP: &cfg})
		began := time.Now()
		if _, err := m.Login(t.Context(), "ana", "pw-of-ana"); !errors.Is(err, ErrUnavailable) || strings.Contains(err.Error(), "pw-of") {
			t.Errorf("%s: %v", name, err)
		}
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("%s: took %v", name, took)
		}
		if f := m.Check(t.Context()); len(f) != 1 || f[0].Err == nil {
			t.Errorf("%s: check finds %+v", name, f)
		}
	}
	cfg := searching(d)
	if f := methods(t, Config{LDAP: &cfg}).Check(t.Context()); f[0].Err != nil {
		t.Errorf("%+v", f)
	}
	cfg.Search.BindDN, cfg.Search.Password = "", "" // this directory lets nobody search who hasn't said who it is
	if _, err := methods(t, Config{LDAP: &cfg}).Login(t.Context(), "ana", "pw-of-ana"); err == nil {
		t.Error("an anonymous search found somebody")
	}
	cfg = binding(d)
	if f := methods(t, Config{LDAP: &cfg}).Check(t.Context()); f[0].Err != nil {
		t.Errorf("%+v", f)
	}
}

// A crowd waits in line, so that the directory isn't overrun, and not longer than its time.
func TestDirectoryCrowd(t *testing.T) {
	d := logintest.NewDirectory(t, false, entries()...)
	d.Slow(20 * time.Millisecond)
	cfg := binding(d)
	m := methods(t, Config{LDAP: &cfg})
	const crowd = 3 * ldapBinds
	results := make(chan error)
	for range crowd {
		go func() {
			_, err := m.Login(context.Background(), "ana", "wrong")
			results <- err
		}()
	}
	for range crowd {
		if err := <-results; !errors.Is(err, ErrDenied) {
			t.Error(err)
		}
	}
	if n := d.Busiest(); n > ldapBinds || n < 2 {
		t.Errorf("%d binds at once", n)
	}
	for range ldapBinds {
		m.ldap.busy <- struct{}{}
	}
	m.ldap.cfg.Timeout = 10 * time.Millisecond
	if _, err := m.Login(t.Context(), "ana", "pw-of-ana"); !errors.Is(err, ErrUnavailable) {
		t.Error(err)
	}
}

func TestLDAPConfig(t *testing.T) {
	good := LDAP{URL: "ldaps://h", BindDN: "uid={user},dc=x"}
	if _, err := New(Config{LDAP: &good}); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*LDAP){
		"no address":             func(c *LDAP) { c.URL = "h:636" },
		"in clear":               func(c *LDAP) { c.URL = "ldap://h" },
		"from the beginning":     func(c *LDAP) { c.StartTLS = true },
		"either":                 func(c *LDAP) { c.BindDN = "" },
		"give either":            func(c *LDAP) { c.Search.Base, c.Search.Filter = "dc=x", "(uid={user})" },
		"bind_dn must":           func(c *LDAP) { c.BindDN = "uid=ana,dc=x" },
		"distinguished name":     func(c *LDAP) { c.BindDN = "{user}@x.test" },
		"search.filter must":     func(c *LDAP) { c.BindDN, c.Search.Base, c.Search.Filter = "", "dc=x", "(uid=*)" },
		"search.filter is no":    func(c *LDAP) { c.BindDN, c.Search.Base, c.Search.Filter = "", "dc=x", "uid={user})(" },
		"search.password":        func(c *LDAP) { c.BindDN, c.Search = "", Search{BindDN: "cn=x", Base: "dc=x", Filter: "(uid={user})"} },
		"groups.base and groups": func(c *LDAP) { c.Groups.Base = "dc=x" },
		"groups.filter must":     func(c *LDAP) { c.Groups = Groups{Base: "dc=x", Filter: "(cn=*)"} },
		"certificates of ca":     func(c *LDAP) { c.CA = "none.pem" },
	} {
		c := good
		change(&c)
		if _, err := New(Config{LDAP: &c}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}
