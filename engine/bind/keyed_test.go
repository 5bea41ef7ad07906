package bind

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"weir/engine/rel"
	"weir/engine/sqlerr"
)

type testRing struct{}

func (testRing) Number() int64 { return 7 }
func (testRing) Check(domain string) error {
	if domain != "email" {
		return errors.New("there are no keys for it")
	}
	return nil
}
func (testRing) CheckOption(mask, option string) error {
	if option != "" && mask+option != "fake_emailkeep_domain" {
		return errors.New("it has no such option")
	}
	return nil
}

// What masks may call, a statement may not: it would be a way to guess.
func TestKeyedFunctionsAreForMasks(t *testing.T) {
	for op := range rel.Keyed {
		if op == rel.OpReveal || op == rel.OpRenew {
			continue
		}
		for _, text := range []string{"select %('email', 'guess')", "select a from t where %('email', c) = 'x'", "select 1 from t order by %('email', c)",
			"select * from (select upper(%('email', c)) c from t) x", "select (select %('email', 'x'))", "select count(%('email', c)) over () from t"} {
			env := testEnv()
			env.Keyring = testRing{}
			_, err := bindText(strings.ReplaceAll(text, "%", string(op)), env)
			if !sqlerr.UnknownFunction.Is(err) {
				t.Errorf("%s: %v", strings.ReplaceAll(text, "%", string(op)), err)
			}
		}
	}
}

func TestKeyedFunctions(t *testing.T) {
	for text, want := range map[string]string{
		"select weir_pseudonym('email', 'anna')":                         "weir_pseudonym('email', 'anna', 7)",
		"select weir_pseudonym('email', 42)":                             "weir_pseudonym('email', '42', 7)",
		"select weir_pseudonym('email', date'2024-02-29')":               "weir_pseudonym('email', '2024-02-29', 7)",
		"select weir_pseudonym('email', x'00ff')":                        "weir_pseudonym('email', hex(x",
		"select weir_pseudonym('email', null)":                           "weir_pseudonym('email', null, 7)",
		"select weir_fake_email('email', 'a@b.de')":                      "weir_fake_email('email', 'a@b.de', '', 7)",
		"select weir_fake_email('email', 'a@b.de', 'keep_domain')":       "weir_fake_email('email', 'a@b.de', 'keep_domain', 7)",
		"select weir_hash('email', 'x')":                                 "weir_hash('email', 'x', 7)",
		"select weir_renew('x')":                                         "weir_renew('x', 7)",
		"select weir_pseudonym('email', 'a', 'b')":                       "1582",
		"select weir_fake_card('email', 'a', 'keep_all')":                "1210",
		"select weir_pseudonym('phone', 'a')":                            "1210",
		"select weir_pseudonym(concat('e', v), 'a') from (select 1 v) t": "1210",
	} {
		env := testEnv()
		env.Keyring, env.Keyed = testRing{}, true
		q, err := bindText(text, env)
		var e *sqlerr.Error
		switch {
		case errors.As(err, &e):
			if strings.Trim(want, "0123456789") != "" || !strings.Contains(want, strconv.Itoa(int(e.Code))) {
				t.Errorf("%s: %v", text, err)
			}
		case !strings.Contains(strings.ToLower(rel.Format(q.Root)), " = "+strings.ReplaceAll(want, "'", `"`)):
			t.Errorf("%s: %s", text, rel.Format(q.Root))
		}
		env = testEnv()
		env.Keyed = true
		if _, err := bindText(text, env); err == nil {
			t.Errorf("%s: bound without keys", text)
		}
	}
}

// The type says how long a token may be, and that it is never NULL where the value isn't.
func TestTypeOfTokens(t *testing.T) {
	for text, want := range map[string]string{
		"select weir_pseudonym('email', 'anna')":                 "varchar(66)", // 5 + 1 + 16 + 1 + (16 bytes, and 4 for each character) in base64
		"select weir_pseudonym('email', repeat('x', 20000))":     "text",
		"select weir_hash('email', 'anna')":                      "varchar(64)",
		"select weir_fake_email('email', 'anna@x.de')":           "varchar(20)",
		"select weir_fake_phone('email', '12')":                  "varchar(3)",
		"select weir_renew(weir_pseudonym('email', 'anna'))":     "varchar(82)",
		"select weir_fake_iban('email', cast(null as char(40)))": "varchar(40)",
	} {
		env := testEnv()
		env.Keyring, env.Keyed = testRing{}, true
		q, err := bindText(text, env)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if c := q.Columns[0]; c.T.String() != want || c.T.NotNull == strings.Contains(text, "null") && !strings.Contains(text, "renew") {
			t.Errorf("%s: %s, not null %v", text, c.T, c.T.NotNull)
		}
	}
}

func TestReveal(t *testing.T) {
	env := testEnv()
	env.Keyring = testRing{}
	denied := errRoutineDenied
	if _, err := bindText("select weir_reveal('x')", env); !denied.Is(err) {
		t.Errorf("without a say: %v", err)
	}
	asked := 0
	env.Reveal = func() error { asked++; return errors.New("no") }
	_, err := bindText("select 1 from t where weir_reveal('x') = 'y'", env)
	if !denied.Is(err) || asked != 1 || err.Error() != "execute command denied to user 'ann@%' for routine 'weir_reveal'" {
		t.Errorf("refused: %v, asked %d times", err, asked)
	}
	env.Reveal = func() error { asked++; return nil }
	q, err := bindText("select weir_reveal(c) from t", env)
	if err != nil || asked != 2 || !strings.Contains(rel.Format(q.Root), "weir_reveal(") {
		t.Errorf("allowed: %v, asked %d times", err, asked)
	}
	env.Keyring = nil
	if _, err := bindText("select weir_reveal('x')", env); err == nil {
		t.Error("bound without keys")
	}
}
