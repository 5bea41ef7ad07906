package main

import (
	"database/sql"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"weir/catalog/config"
	"weir/sources"
)

// withPeople adds tables of people to the systems; what is in them must not be printed.
func withPeople(t *testing.T, s systems) {
	t.Helper()
	pg, err := pgx.Connect(t.Context(), s.postgres)
	if err != nil {
		t.Fatal(err)
	}
	defer pg.Close(t.Context())
	if _, err := pg.Exec(t.Context(), `CREATE TABLE people (id bigint PRIMARY KEY, reach text, born date, note text, account varchar(40), card bigint, mail varchar(3));
		COMMENT ON COLUMN people.born IS 'date of birth';
		INSERT INTO people SELECT i, 'canary' || i || '@canary.example', '1980-01-01', 'ask canary' || i || '@canary.example first', 'DE89370400440532013000', 4111111111111111, 'no'
			FROM generate_series(1, 50) i`); err != nil {
		t.Fatal(err)
	}
	my, err := sql.Open("mysql", s.mysql)
	if err != nil {
		t.Fatal(err)
	}
	defer my.Close()
	for _, text := range []string{"CREATE TABLE users (id int PRIMARY KEY, name varchar(50), h varbinary(100) COMMENT 'password, hashed', tel varchar(30), `odd.name` varchar(60))",
		"INSERT INTO users SELECT seq, concat('Canary ', seq), concat('$2b$12$', repeat('c', 53)), concat('+49 30 73517', 100 + seq), concat('canary', seq, '@canary.example') FROM seq_1_to_20"} {
		if _, err := my.Exec(text); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTagSuggest(t *testing.T) {
	t.Setenv("ANA_PASSWORD", "a secret of ana")
	s := newSystems(t)
	withPeople(t, s)
	file := s.config(t)
	want := []string{
		"erp.people.reach|pii.email|50 of 50 sampled values are e-mail addresses",
		"erp.people.born|pii.birthdate|name; comment",
		"erp.people.note|pii.text|50 of 50 sampled values hold an e-mail address among other text",
		"erp.people.account|pii.iban|50 of 50 sampled values are IBANs with right check digits",
		"erp.people.card|pii.card|50 of 50 sampled values are card numbers with a right check digit",
		"crm.users.name|pii.name|name",
		"crm.users.h|secret|comment; 20 of 20 sampled values look like keys, tokens or hashed passwords",
		"crm.users.tel|pii.phone|name; 20 of 20 sampled values are phone numbers",
		"crm.users.`odd.name`|pii.email|20 of 20 sampled values are e-mail addresses",
	}
	out := expect(t, 0, nil, "tag", "--suggest", "--config", file)
	rows := 0
	for _, line := range strings.Split(strings.TrimSpace(out), "\n")[1:] {
		rows++
		fields := strings.SplitN(line, "  ", 2)
		column, rest := fields[0], strings.Fields(fields[1])
		got := column + "|" + rest[0] + "|" + strings.Join(rest[1:], " ")
		found := false
		for _, w := range want {
			found = found || w == got
		}
		if !found {
			t.Errorf("suggests %s", got)
		}
	}
	if rows != len(want) {
		t.Errorf("%d rows, want %d:\n%s", rows, len(want), out)
	}
	if strings.Contains(strings.ToLower(out), "canary") || strings.Contains(out, "7351") {
		t.Errorf("values are printed:\n%s", out)
	}

	// The block is one of the policy file, and with it nothing is left to suggest.
	block := expect(t, 0, nil, "tag", "--suggest", "--format", "yaml", "--config", file)
	policy := write(t, "tags:\n"+block)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	tagged := write(t, "policy: "+policy+"\n"+string(text))
	if _, err := config.Parse([]byte("policy: "+policy+"\n"+string(text)), tagged, sources.Kinds()); err != nil {
		t.Fatalf("%v\n%s", err, block)
	}
	expect(t, 0, []string{"No column looks as if it should be tagged."}, "tag", "--suggest", "--config", tagged)

	names := expect(t, 0, []string{"crm.users.tel"}, "tag", "--suggest", "--rows", "0", "--source", "crm", "--config", file)
	if strings.Contains(names, "sampled") || strings.Contains(names, "erp.") {
		t.Errorf("--rows 0 --source crm prints\n%s", names)
	}
	expect(t, exitUsage, []string{"--suggest"}, "tag", "--config", file)
	expect(t, exitUsage, []string{"no source"}, "tag", "--suggest", "--source", "nope", "--config", file)
	down := write(t, string(text)+"  dead: {kind: mysql, dsn: \"weir:hunter22@tcp(127.0.0.1:1)/x\"}\n")
	if out := expect(t, exitUnreachable, []string{"crm.users.tel", "dead: "}, "tag", "--suggest", "--config", down); strings.Contains(out, "hunter22") {
		t.Errorf("a password is printed:\n%s", out)
	}
}

// The demo's people are found, its products are not.
func TestTagDemo(t *testing.T) {
	dir := t.TempDir()
	expect(t, 0, nil, "demo", "--once", "--dir", dir, "--port", "23100")
	out := expect(t, 0, []string{"crm.contacts.first_name", "crm.contacts.last_name", "crm.contacts.email", "crm.contacts.phone", "crm.accounts.owner", "erp.customers.email", "erp.customers.street", "erp.customers.postal_code"},
		"tag", "--suggest", "--config", dir+"/weir.yaml")
	for _, never := range []string{"inventory.", "erp.orders", "erp.order_lines", "crm.opportunities", "vat_number", "customers.name", "@"} {
		if strings.Contains(out, never) {
			t.Errorf("%s in\n%s", never, out)
		}
	}
	t.Log("\n" + out)
}
