package policy_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/catalog/config"
	"weir/engine/rel"
	"weir/policy"
	"weir/sources"
)

// rules is a policy as it stands in a file.
const rules = `
tags:
  - {tag: pii.email, columns: ["*.*.email", "crm.contacts.mail*"]}
  - {tag: pii.name, columns: ["*.people.name"]}
  - {tag: fine, columns: ["strict.t.a"]}
  - {tag: money, columns: ["*.*.*"], type: decimal}
rules:
  - {name: officers, roles: [officer], not: [suspended], show: true}
  - {name: bob's own, users: [bob], column: erp.people.name, show: true}
  - {name: names, tag: pii.name, mask: redact}
  - {name: mails, tag: "pii.*", not: [mailer], mask: {partial: {last: 3}}}
  - {name: region, roles: [analyst, clerk], table: erp.people, filter: "region = 'n'"}
  - {name: region too late, table: erp.people, filter: "false"}
  - {name: groups, database: health, min_group: {size: 5, by: id}}
  - {name: no salaries, table: "*.salaries", hide: true}
  - {name: dotted, column: "crm.` + "`odd.table`.`odd.column`" + `", hide: true}
  - {name: money, tag: money, roles: [clerk], mask: {bucket: 100}}
`

func compile(t *testing.T, text string) *policy.Set {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "policy.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Parse([]byte(`
policy: policy.yaml
users: [{name: root, password: secret-1}]
sources: {strict: {kind: none, default: deny}}
`), filepath.Join(dir, "weir.yaml"), []sources.Kind{{Name: "none"}})
	if err != nil {
		t.Fatal(err)
	}
	return policy.New(cfg)
}

// describe writes a decision in short: name for a plain column, name=mask for a masked one, -name for a hidden one.
func describe(d *policy.Decision) string {
	var out []string
	for _, c := range d.Columns {
		if c.Mask.IsZero() {
			out = append(out, c.Name)
		} else {
			out = append(out, c.Name+"="+c.Mask.Kind)
		}
	}
	for _, c := range d.Hidden {
		out = append(out, "-"+c.Name)
	}
	if d.Filter != "" {
		out = append(out, fmt.Sprintf("where %s (%s)", d.Filter, d.FilterRule))
	}
	if d.MinGroup > 0 {
		out = append(out, fmt.Sprintf("groups of %d by %s", d.MinGroup, d.PersonColumn))
	}
	return strings.Join(out, " ")
}

func TestDecide(t *testing.T) {
	set := compile(t, rules)
	nobody, analyst, clerk := policy.Principal{User: "ann"}, policy.Principal{User: "ann", Roles: []string{"x", "analyst"}}, policy.Principal{User: "ann", Roles: []string{"clerk"}}
	officer := policy.Principal{User: "eve", Roles: []string{"officer", "analyst"}}
	for _, c := range []struct {
		p                        policy.Principal
		database, table, columns string
		want                     string
	}{
		{nobody, "erp", "people", "id name email", "id name=redact email=partial where false (region too late)"},
		{analyst, "erp", "people", "id", "id where region = 'n' (region)"},
		{policy.Principal{User: "bob"}, "erp", "people", "name email", "name email=partial where false (region too late)"},
		{policy.Principal{User: "bob"}, "crm", "people", "name", "name=redact"},
		{officer, "erp", "people", "name email", "name email"},
		{policy.Principal{Roles: []string{"officer", "suspended"}}, "erp", "people", "name", "name=redact where false (region too late)"},
		// A role that has been put aside still takes away what it does, and gives nothing.
		{policy.Principal{Granted: []string{"analyst"}}, "erp", "people", "id", "id where region = 'n' (region)"},
		{policy.Principal{Granted: []string{"officer"}}, "erp", "people", "name", "name=redact where false (region too late)"},
		{policy.Principal{Roles: []string{"officer"}, Granted: []string{"officer", "suspended"}}, "erp", "people", "name", "name=redact where false (region too late)"},
		{policy.Principal{Granted: []string{"mailer"}}, "crm", "people", "email", "email=partial"},
		{policy.Principal{Granted: []string{"clerk"}}, "crm", "t", "price:decimal", "price=bucket"},
		{policy.Principal{Roles: []string{"mailer"}}, "crm", "people", "name email", "name=redact email"},
		// Case of names doesn't matter, of tables in several schemas neither the schema: nothing slips through by its spelling.
		{nobody, "ERP", "People", "NAME eMail", "NAME=redact eMail=partial where false (region too late)"},
		{nobody, "erp", "hr.people", "name", "name=redact where false (region too late)"},
		{nobody, "crm", "contacts", "mail mail2 fax", "mail=partial mail2=partial fax"},
		{nobody, "erp", "salaries", "id amount", "-id -amount"},
		{officer, "erp", "salaries", "id", "id"},
		{nobody, "crm", "odd.table", "odd.column b", "b -odd.column"},
		{clerk, "crm", "t", "a price:decimal", "a price=bucket"},
		{nobody, "crm", "t", "a price:decimal", "a price"},
		{nobody, "health", "visits", "id", "id groups of 5 by id"},
		{officer, "health", "visits", "id", "id"},
		{nobody, "strict", "t", "a b", "a -b"},
		{officer, "strict", "t", "a b", "a b"},
		{nobody, "strict", "t", "email price:decimal", "email=partial price"},
	} {
		def := &sources.Table{Name: c.table}
		for _, name := range strings.Fields(c.columns) {
			column := sources.Column{Name: name, Type: rel.VarCharType(20)}
			if base, ok := strings.CutSuffix(name, ":decimal"); ok {
				column = sources.Column{Name: base, Type: rel.DecimalType(10, 2)}
			}
			def.Columns = append(def.Columns, column)
		}
		if got := describe(set.Decide(c.p, c.database, c.table, def)); got != c.want {
			t.Errorf("%v sees of %s.%s (%s): %s\nwant %s", c.p, c.database, c.table, c.columns, got, c.want)
		}
	}
}

// granted is a right to some columns.
type granted map[string]bool

func (g granted) Table(database, table string) bool { return g[database+"."+table] }
func (g granted) Column(database, table, column string) bool {
	return g[database+"."+table+"."+column]
}

// Columns without a right are hidden even from those to whom every rule shows all.
func TestRights(t *testing.T) {
	set := compile(t, rules)
	p := policy.Principal{Roles: []string{"officer"}, Rights: granted{"erp.people": true, "erp.people.id": true}}
	def := &sources.Table{Name: "people", Columns: []sources.Column{{Name: "id", Type: rel.BigIntType}, {Name: "name", Type: rel.TextType}}}
	if got := describe(set.Decide(p, "erp", "people", def)); got != "id -name" {
		t.Error(got)
	}
	var none *policy.Set
	if got := describe(none.Decide(p, "erp", "people", def)); got != "id -name" {
		t.Errorf("without policies: %s", got)
	}
}
