package main

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// canaries are texts that some system or other takes for each other. None of them may be seen by who sees pseudonyms.
var canaries = []string{"Canary@x.de", "canary@x.de", "canary@x.de ", "canary@x.de  ", "CANARY@X.DE", "cänary@x.de", "canary ß", "canary ss", "canary 🎈", "canary é",
	"canary é", "canary%", "canary_", `canary\`, "canary'", "12", "012", "1.2e1", ""}

const pseudonyms = `
keys:
  - {domain: mail, id: k1, key: "${env:WEIR_TEST_K1}", current: %v}
  - {domain: mail, id: k2, key: "${env:WEIR_TEST_K2}", current: %v}
  - {id: d, kms: default-2026, current: true}
kms: {directory: keys}
reveal: [admin]
rules:
  - {name: officers, roles: [admin], show: true}
  - {name: mails, tag: mail, mask: {pseudonym: mail}}
  - {name: codes, column: "*.*.code", mask: {pseudonym: ""}}
  - {name: padded, column: "*.*.padded", mask: {pseudonym: mail}}
  - {name: amounts, column: "*.*.amount", mask: {pseudonym: amount}}
  - {name: days, column: "*.*.day", mask: {pseudonym: day}}
  - {name: phones, column: "*.*.phone", mask: {phone: ""}}
tags:
  - {tag: mail, columns: ["*.people.mail"]}
tests:
  - {roles: [analyst], column: erp.people.phone, value: "call me", sees: "***"}
`

func pseudonymConfig(t *testing.T, s systems, policy string) string {
	t.Helper()
	t.Setenv("WEIR_TEST_K1", "f"+strings.Repeat("0123456789abcde", 8)+"0123456")
	t.Setenv("WEIR_TEST_K2", "e"+strings.Repeat("fedcba987654321", 8)+"0123456")
	file := policyConfig(t, s, policy)
	if err := os.MkdirAll(filepath.Join(filepath.Dir(file), "keys"), 0o700); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(filepath.Dir(file), "keys", "default-2026"), os.Getenv("WEIR_TEST_K1")+"\n")
	return file
}

// peopleIn makes a table of people with the canaries, each twice but for every third, in all three systems.
func peopleIn(t *testing.T, s systems) {
	t.Helper()
	var rows []string
	for i, c := range append(canaries, canaries...) {
		if i >= len(canaries) && i%3 == 0 {
			continue
		}
		padded := []rune(c)
		rows = append(rows, fmt.Sprintf("(%d, '%s', %d, '%s', %d.50, '2024-02-%02d', '+49 170 55512%02d')", i, strings.ReplaceAll(c, "'", "''"), i%7-2,
			strings.ReplaceAll(string(padded[:min(12, len(padded))]), "'", "''"), i%5, i%9+1, i))
	}
	values := strings.Join(rows, ", ") + ", (99, NULL, NULL, NULL, NULL, NULL, NULL)"
	columns := "(id int PRIMARY KEY, mail varchar(60)%s, code %s, padded char(12)%[1]s, amount decimal(10,2), day date, phone varchar(30))"
	pg, err := pgx.Connect(t.Context(), s.postgres)
	if err != nil {
		t.Fatal(err)
	}
	defer pg.Close(t.Context())
	for _, text := range []string{"CREATE TABLE people " + fmt.Sprintf(columns, "", "int"), "INSERT INTO people VALUES " + values, "ANALYZE people"} {
		if _, err := pg.Exec(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	my, err := sql.Open("mysql", s.mysql)
	if err != nil {
		t.Fatal(err)
	}
	defer my.Close()
	for _, text := range []string{"CREATE TABLE people " + fmt.Sprintf(columns, " COLLATE utf8mb4_general_ci", "varchar(20)"),
		"INSERT INTO people VALUES " + strings.ReplaceAll(values, `\`, `\\`)} {
		if _, err := my.Exec(text); err != nil {
			t.Fatal(err)
		}
	}
	lite, err := sqlite.OpenConn(s.sqlite)
	if err != nil {
		t.Fatal(err)
	}
	defer lite.Close()
	if err := sqlitex.ExecuteScript(lite, "CREATE TABLE people "+fmt.Sprintf(columns, " COLLATE NOCASE", "int")+"; INSERT INTO people VALUES "+values+";", nil); err != nil {
		t.Fatal(err)
	}
}

// Whoever sees pseudonyms gets the same answers as who sees the values, with pushdown and without, wherever only equality counts; and no value in anything.
func TestPseudonymsJoin(t *testing.T) {
	s := newSystems(t)
	peopleIn(t, s)
	file := pseudonymConfig(t, s, fmt.Sprintf(pseudonyms, true, false))
	expect(t, 0, []string{"1 of 1 assertions hold"}, "policy", "test", "--config", file)
	address, log, _ := serveFile(t, file)
	ann, root := connect(t, address, "ann", "ann-pw-1"), connect(t, address, "root", "root-pw-1")
	ann.SetMaxOpenConns(1)
	var told []string // all that ann is told
	asAnn := func(query string) []string {
		var first []string
		for _, pushdown := range []string{"on", "off"} {
			if _, err := ann.ExecContext(t.Context(), "SET weir_pushdown = "+pushdown); err != nil {
				t.Fatal(err)
			}
			got := lines(t, ann, query)
			for _, explain := range []string{"EXPLAIN ", "EXPLAIN FORMAT=JSON ", "EXPLAIN ANALYZE "} {
				told = append(told, lines(t, ann, explain+query)...)
			}
			if pushdown == "off" && !slices.Equal(first, got) {
				t.Errorf("%s\ngives %q with pushdown\nand   %q without", query, first, got)
			}
			first = got
		}
		told = append(told, first...)
		return first
	}
	// Statements that tell no value of a masked column: the same for both.
	for _, query := range []string{
		"SELECT a.id, b.id FROM erp.people a JOIN erp.people b ON a.mail = b.mail ORDER BY 1, 2",
		"SELECT a.id, b.id FROM crm.people a JOIN crm.people b ON a.mail = b.mail AND a.id < b.id ORDER BY 1, 2",
		"SELECT a.id, b.id FROM inventory.people a JOIN inventory.people b ON a.mail = b.mail ORDER BY 1, 2",
		"SELECT a.id, b.id FROM erp.people a JOIN crm.people b ON a.mail = b.mail ORDER BY 1, 2",
		"SELECT a.id, b.id FROM crm.people a LEFT JOIN inventory.people b ON a.mail = b.mail AND b.id > 5 ORDER BY 1, 2",
		"SELECT a.id, b.id FROM erp.people a JOIN inventory.people b ON a.code = b.code AND a.id = b.id ORDER BY 1, 2",
		"SELECT a.id, b.id FROM erp.people a JOIN crm.people b ON CONCAT(a.code, '') = b.code AND a.id = b.id WHERE a.id < 0 ORDER BY 1, 2",
		"SELECT id FROM erp.people WHERE mail IN (SELECT mail FROM crm.people WHERE id > 20) ORDER BY 1",
		"SELECT id FROM crm.people WHERE mail NOT IN (SELECT mail FROM erp.people WHERE id BETWEEN 3 AND 9) ORDER BY 1",
		"SELECT id FROM crm.people WHERE mail NOT IN (SELECT mail FROM erp.people) ORDER BY 1",
		"SELECT id FROM inventory.people p WHERE NOT EXISTS (SELECT 1 FROM crm.people q WHERE q.mail = p.mail AND q.id > 21) ORDER BY 1",
		"SELECT id FROM erp.people p WHERE EXISTS (SELECT 1 FROM erp.people q WHERE q.mail <=> p.mail AND q.id <> p.id) ORDER BY 1",
		"SELECT count(DISTINCT mail), count(mail), count(DISTINCT code), count(code), count(DISTINCT padded), count(DISTINCT amount), count(DISTINCT day), count(*) FROM erp.people",
		"SELECT count(DISTINCT mail), count(mail), count(DISTINCT code), count(code), count(DISTINCT padded), count(DISTINCT amount), count(DISTINCT day), count(*) FROM crm.people",
		"SELECT count(DISTINCT mail), count(mail), count(DISTINCT code), count(code), count(DISTINCT padded), count(DISTINCT amount), count(DISTINCT day), count(*) FROM inventory.people",
		"SELECT min(id), count(*) FROM erp.people GROUP BY mail ORDER BY 1",
		"SELECT min(id), count(*) FROM crm.people GROUP BY mail ORDER BY 1",
		"SELECT min(id), count(*) FROM inventory.people GROUP BY mail, code ORDER BY 1",
		"SELECT min(id), count(*) FROM crm.people GROUP BY padded ORDER BY 1",
		"SELECT count(*) FROM (SELECT DISTINCT mail, code FROM crm.people) d",
		"SELECT count(*) FROM (SELECT mail FROM erp.people UNION SELECT mail FROM crm.people UNION SELECT mail FROM inventory.people) d",
		"SELECT count(*) FROM (SELECT mail FROM erp.people INTERSECT SELECT padded FROM crm.people) d",
		"SELECT id, row_number() OVER (PARTITION BY mail ORDER BY id) FROM crm.people ORDER BY 1",
		"SELECT p.id, (SELECT count(*) FROM crm.people q WHERE q.mail = p.mail) FROM erp.people p ORDER BY 1",
		"SELECT a.id, b.id FROM erp.people a JOIN crm.people b ON a.mail = b.padded ORDER BY 1, 2",
		"SELECT id, mail IS NULL, mail = padded, mail <=> padded, mail <> padded FROM crm.people ORDER BY 1",
		"SELECT id, mail IN (SELECT padded FROM erp.people WHERE id > 3) FROM inventory.people ORDER BY 1",
		"SELECT id FROM erp.people WHERE (mail, code) IN (SELECT mail, code FROM inventory.people WHERE id < 9) ORDER BY 1",
		"SELECT a.id, b.id FROM (SELECT mail, min(id) id FROM erp.people GROUP BY mail) a JOIN crm.people b ON b.mail = a.mail ORDER BY 1, 2",
		"SELECT t.id, l.id FROM erp.people t, LATERAL (SELECT q.id FROM crm.people q WHERE q.mail = t.mail ORDER BY q.id LIMIT 1) l ORDER BY 1",
	} {
		if want, got := lines(t, root, query), asAnn(query); !slices.Equal(got, want) {
			t.Errorf("%s\ngives %q\nwant  %q", query, got, want)
		}
	}
	// Tokens as constants find just the rows that have them.
	for _, database := range []string{"erp", "crm", "inventory"} {
		for _, column := range []string{"mail", "code", "padded", "amount", "day"} {
			value := lines(t, root, fmt.Sprintf("SELECT DISTINCT %s FROM %s.people ORDER BY 1", column, database))
			token := asAnn(fmt.Sprintf("SELECT DISTINCT %s FROM %s.people ORDER BY 1", column, database))
			if len(value) != len(token) {
				t.Errorf("%s.%s has %d values and %d tokens", database, column, len(value), len(token))
			}
			for _, x := range token {
				if x == "NULL" {
					continue
				}
				want := lines(t, root, fmt.Sprintf("SELECT id FROM %s.people WHERE CONCAT(%s, '') = weir_reveal('%s') ORDER BY id", database, column, x))
				query := fmt.Sprintf("SELECT id FROM %s.people WHERE %s = '%s' ORDER BY id", database, column, x)
				if got := asAnn(query); !slices.Equal(got, want) || len(got) == 0 {
					t.Errorf("%s\ngives %q, want %q", query, got, want)
				}
				counted := fmt.Sprintf("SELECT count(*), sum(%s = '%s'), sum(%[1]s <> '%[2]s'), sum(%[1]s IN ('nothing', '%[2]s')), sum(%[1]s <=> '%[2]s'), sum(%[1]s = 'nothing'), sum(%[1]s <> 'nothing') FROM %[3]s.people",
					column, x, database)
				all := lines(t, root, fmt.Sprintf("SELECT count(*), count(%s) FROM %s.people", column, database))[0]
				rows, some, _ := strings.Cut(all, "|")
				n := len(want)
				if got := asAnn(counted)[0]; got != fmt.Sprintf("%s|%d|%s|%d|%d|0|%s", rows, n, less(some, n), n, n, some) {
					t.Errorf("%s\ngives %s", counted, got)
				}
			}
		}
	}
	record := recorded(t, file)
	if !strings.Contains(record, "<hidden>") && !strings.Contains(record, `\u003chidden\u003e`) {
		t.Error("the audit holds no text with hidden constants")
	}
	all := strings.Join(told, "\n") + log.String() + record
	for _, secret := range []string{"canary", "Canary", "CANARY", "cänary", "0123456789abcde"} {
		if at := strings.Index(all, secret); at >= 0 {
			t.Errorf("a value or a key is told: … %s …", all[max(0, at-300):min(len(all), at+100)])
		}
	}
	if !strings.Contains(all, "<hidden>") {
		t.Error("no text with hidden constants was shown")
	}
}

// recorded is all that a server has written into its directory.
func recorded(t *testing.T, file string) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(filepath.Join(filepath.Dir(file), "weir-data"), func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		all.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

func less(number string, n int) string {
	var i int
	_, _ = fmt.Sscan(number, &i)
	return fmt.Sprint(i - n)
}

// Rows come in no order that follows the values: a source that groups, joins or looks up by them sorts by them, and an alphabet tells a lot.
func TestOrderOfPseudonyms(t *testing.T) {
	s := newSystems(t)
	peopleIn(t, s)
	my, err := sql.Open("mysql", s.mysql)
	if err != nil {
		t.Fatal(err)
	}
	defer my.Close()
	if _, err := my.Exec("CREATE INDEX by_mail ON people (mail)"); err != nil {
		t.Fatal(err)
	}
	address, _, _ := serveFile(t, pseudonymConfig(t, s, fmt.Sprintf(pseudonyms, true, false)))
	ann := connect(t, address, "ann", "ann-pw-1")
	for _, database := range []string{"erp", "crm", "inventory"} {
		tokens := lines(t, ann, "SELECT DISTINCT mail FROM "+database+".people WHERE id < 15 ORDER BY 1")
		list := "'" + strings.Join(tokens, "', '") + "'"
		for _, query := range []string{
			"SELECT mail FROM %s.people GROUP BY mail",
			"SELECT DISTINCT mail FROM %s.people",
			"SELECT mail, count(*) FROM %s.people WHERE id < 15 GROUP BY mail",
			"SELECT mail FROM %s.people WHERE mail IN (" + list + ") GROUP BY mail LIMIT 50",
			"SELECT a.mail, a.id FROM %s.people a JOIN %[1]s.people b ON a.mail = b.mail AND a.id = b.id",
			"SELECT a.mail, b.id FROM %s.people a JOIN erp.people b ON a.mail = b.mail",
			"SELECT mail, id FROM %s.people WHERE mail IN (" + list + ")",
			"SELECT mail FROM (SELECT DISTINCT mail FROM %s.people LIMIT 6) d",
		} {
			query = fmt.Sprintf(query, database)
			if got := lines(t, ann, query); !slices.IsSorted(got) && !slices.IsSorted(numbersLast(got)) || len(got) < 3 {
				t.Errorf("%s\ngives its rows in an order that is none of what is shown: %q", query, got)
			}
		}
		// The first tokens in their own order, not those of the first values.
		first := lines(t, ann, "SELECT mail FROM (SELECT DISTINCT mail FROM "+database+".people WHERE mail <> '' LIMIT 6) d ORDER BY 1")
		all := lines(t, ann, "SELECT DISTINCT mail FROM "+database+".people WHERE mail IS NOT NULL ORDER BY 1")
		if !slices.Equal(first, all[:6]) {
			t.Errorf("%s: LIMIT passes %q of %q", database, first, all)
		}
	}
}

// numbersLast writes the numbers behind bars so that they sort as numbers do, and NULL before all.
func numbersLast(rows []string) []string {
	out := slices.Clone(rows)
	for i, r := range out {
		r = strings.Replace(r, "NULL", "", 1)
		if text, number, ok := strings.Cut(r, "|"); ok {
			r = text + "|" + strings.Repeat("0", max(0, 9-len(number))) + number
		}
		out[i] = r
	}
	return out
}

// Tokens are given back to those who may have them; after a rotation old ones are still read, and new ones are made.
func TestReveal(t *testing.T) {
	s := newSystems(t)
	peopleIn(t, s)
	file := pseudonymConfig(t, s, fmt.Sprintf(pseudonyms, true, false))
	policy := filepath.Join(filepath.Dir(file), "policy.yaml")
	address, log, _ := serveFile(t, file)
	ann, root := connect(t, address, "ann", "ann-pw-1"), connect(t, address, "root", "root-pw-1")
	code := func(db *sql.DB, query string) uint16 {
		rows, err := db.QueryContext(t.Context(), query)
		if err == nil {
			rows.Close()
			return 0
		}
		e := new(mysql.MySQLError)
		errors.As(err, &e)
		return e.Number
	}
	old := lines(t, ann, "SELECT mail FROM erp.people WHERE id = 1")[0]
	if got := code(ann, "SELECT weir_reveal('"+old+"')"); got != 1370 {
		t.Errorf("ann may reveal: %d", got)
	}
	if got := code(ann, "SELECT weir_pseudonym('mail', 'canary@x.de')"); got != 1305 {
		t.Errorf("ann may guess: %d", got)
	}
	if got := code(root, "SELECT weir_fake_email('mail', 'canary@x.de')"); got != 1305 {
		t.Errorf("root may guess: %d", got)
	}
	if record := recorded(t, file); strings.Count(record, `"reveals":true`) != 1 {
		t.Errorf("one statement asked for a value; the audit says:\n%s", record)
	}
	// Whoever sees tokens may have the right to have them back.
	writeFile(t, policy, strings.Replace(fmt.Sprintf(pseudonyms, true, false), "reveal: [admin]", "reveal: [admin, analyst]", 1))
	hangUp(t)
	within(t, "the new list of those who may", func() bool { return code(ann, "SELECT weir_reveal('"+old+"')") == 0 })
	for query, want := range map[string]string{
		"SELECT weir_reveal('" + old + "')":                                            "canary@x.de",
		"SELECT weir_reveal('" + old + "x')":                                           "NULL",
		"SELECT weir_reveal(NULL)":                                                     "NULL",
		"SELECT weir_reveal(mail) FROM erp.people WHERE id = 3":                        "canary@x.de  ",
		"SELECT count(*) FROM crm.people WHERE weir_reveal(mail) = 'canary@x.de'":      "2",
		"SELECT weir_reveal(min(mail)) LIKE '%' FROM crm.people":                       "1",
		"SELECT weir_reveal(code) + 0 FROM inventory.people WHERE id = 0":              "-2",
		"SELECT id FROM erp.people WHERE mail = weir_renew('" + old + "') AND id < 19": "1",
	} {
		if got := strings.Join(lines(t, ann, query), " "); got != want {
			t.Errorf("%s gives %q, want %q", query, got, want)
		}
	}
	token := "SELECT mail FROM erp.people WHERE id = 1"
	writeFile(t, policy, strings.Replace(fmt.Sprintf(pseudonyms, false, true), "reveal: [admin]", "reveal: [admin, analyst]", 1))
	hangUp(t)
	within(t, "the new key", func() bool { return strings.HasPrefix(lines(t, ann, token)[0], "mail.k2.") })
	renewed := lines(t, ann, token)[0]
	for query, want := range map[string]string{
		"SELECT weir_reveal('" + old + "'), weir_reveal('" + renewed + "')":                    "canary@x.de|canary@x.de",
		"SELECT weir_renew('" + old + "') = '" + renewed + "'":                                 "1",
		"SELECT count(*) FROM crm.people WHERE mail = '" + old + "'":                           "0",
		"SELECT count(*) FROM crm.people WHERE mail = '" + renewed + "'":                       "2",
		"SELECT count(*) FROM crm.people WHERE mail = weir_renew('" + old + "')":               "2",
		"SELECT count(*) FROM crm.people WHERE mail IN ('" + old + "', '" + renewed + "', '')": "2",
	} {
		if got := strings.Join(lines(t, ann, query), " "); got != want {
			t.Errorf("%s gives %q, want %q", query, got, want)
		}
	}
	writeFile(t, policy, strings.Replace(fmt.Sprintf(pseudonyms, false, true), "id: k2, key: \"${env:WEIR_TEST_K2}\"", "id: k2, key: \"not a canary key\"", 1))
	hangUp(t)
	log.wait(t, `neither base64`)
	if got := lines(t, ann, token)[0]; got != renewed {
		t.Errorf("with a key that is none: %s", got)
	}
	if strings.Contains(log.String(), "not a canary") || strings.Contains(log.String(), "0123456789abcde") {
		t.Errorf("the log holds a key:\n%s", log)
	}
}
