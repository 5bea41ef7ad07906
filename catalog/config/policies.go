package config

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Policies is a decoded policy file: who sees what.
type Policies struct {
	Tags   []Tag        `yaml:"tags" jsonschema_description:"Tags of columns. Rules may name them instead of columns."`
	Rules  []Rule       `yaml:"rules" jsonschema_description:"For each column, and for the rows of each table, the first rule that fits decides."`
	Keys   []Key        `yaml:"keys" jsonschema_description:"Keys of the masks that need one: pseudonyms, hashes, and those that keep a format."`
	KMS    KMS          `yaml:"kms" jsonschema_description:"Where keys are kept that name an id there."`
	Reveal []string     `yaml:"reveal" jsonschema_description:"Roles that may call weir_reveal."`
	Tests  []PolicyTest `yaml:"tests" jsonschema_description:"What 'weir policy test' asserts."`

	file  string
	lines map[string]position
}

// Tag gives columns a tag.
type Tag struct {
	Tag     string   `yaml:"tag" jsonschema:"required" jsonschema_description:"The tag, such as pii.email."`
	Columns []string `yaml:"columns" jsonschema_description:"database.table.column; * stands for any characters within a name."`
	Type    string   `yaml:"type" jsonschema_description:"Only columns whose type begins so, such as varchar."`
}

// Rule says what the principals that it is for see of what it is about. Exactly one of Filter, Mask, Hide, Show and MinGroup is set.
type Rule struct {
	Name  string   `yaml:"name" jsonschema:"required" jsonschema_description:"Name for explanations and the audit."`
	Roles []string `yaml:"roles" jsonschema_description:"For who has one of these roles active; without roles and users, for all."`
	Not   []string `yaml:"not" jsonschema_description:"Not for who has one of these roles active."`
	Users []string `yaml:"users" jsonschema_description:"For these users."`

	Database string `yaml:"database" jsonschema_description:"About the tables of this database."`
	Table    string `yaml:"table" jsonschema_description:"About this table: database.table; * stands for any characters within a name."`
	Column   string `yaml:"column" jsonschema_description:"About this column: database.table.column; * stands for any characters within a name."`
	Tag      string `yaml:"tag" jsonschema_description:"About columns with this tag; pii.* is any that begins with pii."`

	Filter   string   `yaml:"filter" jsonschema_description:"SQL predicate that rows must fulfil."`
	Mask     Mask     `yaml:"mask" jsonschema_description:"What stands in the column instead of its value."`
	Hide     bool     `yaml:"hide" jsonschema_description:"There is no such column, or table."`
	Show     bool     `yaml:"show" jsonschema_description:"As it is: no later rule applies."`
	MinGroup MinGroup `yaml:"min_group" jsonschema_description:"Only aggregates over at least so many people are shown."`
}

// MinGroup is the least size of a group.
type MinGroup struct {
	Size int    `yaml:"size" jsonschema:"minimum=2" jsonschema_description:"The least number of people in a group that is shown."`
	By   string `yaml:"by" jsonschema_description:"The column that tells people apart; without one each row is somebody."`
}

// KMS is where keys are kept.
type KMS struct {
	Directory string `yaml:"directory" jsonschema_description:"Directory of files, each a key in base64 or hex; a key's id is the file's name. Relative to weir.yaml."`
}

// Key is a key of one domain.
type Key struct {
	Domain  string `yaml:"domain" jsonschema_description:"Values of one domain have the same pseudonym wherever they stand; empty is the default domain."`
	ID      string `yaml:"id" jsonschema:"required" jsonschema_description:"Name of the key; it stands in tokens."`
	Key     Secret `yaml:"key" jsonschema_description:"The key in base64 or hex; best as ${env:NAME} or ${file:PATH}."`
	KMS     string `yaml:"kms" jsonschema_description:"In place of key: the id under which the key is kept in kms."`
	Current bool   `yaml:"current" jsonschema_description:"New tokens are made with this key; the others are for reading."`
}

// PolicyTest is an assertion about what somebody sees.
type PolicyTest struct {
	User       string            `yaml:"user" jsonschema_description:"Who looks."`
	Roles      []string          `yaml:"roles" jsonschema_description:"The roles that are active."`
	Attributes map[string]string `yaml:"attributes" jsonschema_description:"The user's attributes."`
	Column     string            `yaml:"column" jsonschema_description:"database.table.column that is looked at."`
	Table      string            `yaml:"table" jsonschema_description:"database.table that is looked at."`
	Value      *string           `yaml:"value" jsonschema_description:"The value in the column."`
	Sees       string            `yaml:"sees" jsonschema_description:"What is seen: the masked value if a value is given, else plain, hidden, or the mask's name."`
	Filter     string            `yaml:"filter" jsonschema_description:"The row filter of the table as it is written in its rule; none if there is none."`
}

// Masks are the kinds of masks.
var Masks = []string{"null", "constant", "redact", "partial", "hash", "bucket", "truncate", "round", "email", "phone", "card", "iban", "sql", "pseudonym"}

// Mask is what stands instead of a value.
type Mask struct {
	Kind string // one of Masks; empty if there is none

	Constant    string // constant
	First, Last int    // partial: characters shown
	Step        string // bucket: the width, a decimal number
	Unit        string // truncate: month, quarter or year
	Digits      int    // round
	SQL         string // sql
	Domain      string // pseudonym, hash, email, phone, card, iban: the domain of the key
}

// IsZero reports whether there is no mask.
func (m Mask) IsZero() bool { return m.Kind == "" }

// decodeNode reads a mask's name, or one key with what it needs.
func (m *Mask) decodeNode(d *decoder, n *yaml.Node, path string) {
	if n.Kind == yaml.ScalarNode {
		switch m.Kind = n.Value; m.Kind {
		case "redact", "hash", "email", "phone", "card", "iban", "pseudonym", "null":
		default:
			d.problem(n, path, "%q is no mask that stands alone%s; masks are %s", n.Value, suggest(n.Value, Masks), strings.Join(Masks, ", "))
			m.Kind = ""
		}
		return
	}
	if n.Kind != yaml.MappingNode || len(n.Content) != 2 {
		d.problem(n, path, "expected a mask: one of %s", strings.Join(Masks, ", "))
		return
	}
	key, value := n.Content[0], resolveAlias(n.Content[1])
	path += "." + key.Value
	switch key.Value {
	case "constant":
		m.Constant = d.text(value, path)
	case "partial":
		var p struct {
			First int `yaml:"first"`
			Last  int `yaml:"last"`
		}
		d.value(value, valueOf(&p), path)
		if p.First < 0 || p.Last < 0 || p.First+p.Last == 0 {
			d.problem(value, path, "needs first or last: how many characters are shown")
		}
		m.First, m.Last = p.First, p.Last
	case "bucket":
		m.Step = d.text(value, path)
		if !decimalNumber(m.Step) {
			d.problem(value, path, "%q is no positive number: the width of a bucket", m.Step)
		}
	case "truncate":
		m.Unit = d.text(value, path)
		if units := []string{"month", "quarter", "year"}; !slices.Contains(units, m.Unit) {
			d.problem(value, path, "%q is none of %s", m.Unit, strings.Join(units, ", "))
		}
	case "round":
		d.value(value, valueOf(&m.Digits), path)
	case "sql":
		m.SQL = d.text(value, path)
		if strings.TrimSpace(m.SQL) == "" {
			d.problem(value, path, "is empty")
		}
	case "hash", "email", "phone", "card", "iban", "pseudonym":
		m.Domain = d.text(value, path)
	default:
		d.problem(key, path, "unknown mask %q%s; masks are %s", key.Value, suggest(key.Value, Masks), strings.Join(Masks, ", "))
		return
	}
	m.Kind = key.Value
}

// text is a scalar of whatever type as it is written.
func (d *decoder) text(n *yaml.Node, path string) string {
	if n.Kind != yaml.ScalarNode {
		d.problem(n, path, "expected a single value, found %s", describe(n))
		return ""
	}
	d.lines[path] = position{n.Line, n.Column}
	out, _ := d.resolve(n, path, n.Value)
	return out
}

func decimalNumber(s string) bool {
	whole, frac, _ := strings.Cut(s, ".")
	digits := func(s string) bool { return strings.Trim(s, "0123456789") == "" }
	return len(s) < 30 && whole != "" && digits(whole) && digits(frac) && strings.Trim(whole+frac, "0") != ""
}

// loadPolicies reads the policy file that the configuration names.
func (c *Config) loadPolicies(d *decoder) {
	if c.Policy == "" {
		return
	}
	data, err := os.ReadFile(c.Policy)
	if err != nil {
		d.problemAt("policy", "reading the policy file: %s", err)
		return
	}
	p, problems, secrets := parsePolicies(data, c.Policy, d.dir)
	d.problems = append(d.problems, problems...)
	d.secrets = append(d.secrets, secrets...)
	c.Policies = p
}

// parsePolicies decodes the text of a policy file.
func parsePolicies(data []byte, file, dir string) (*Policies, Problems, []string) {
	p := &Policies{}
	d := &decoder{file: file, dir: dir, lines: map[string]position{}}
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return p, Problems{{File: file, Text: strings.TrimPrefix(err.Error(), "yaml: ")}}, nil
	}
	if len(doc.Content) > 0 {
		d.value(doc.Content[0], valueOf(p), "")
	}
	p.file, p.lines = file, d.lines
	if p.KMS.Directory != "" {
		p.KMS.Directory = d.path(p.KMS.Directory)
	}
	p.validate(d)
	for _, k := range p.Keys {
		d.secrets = append(d.secrets, string(k.Key))
	}
	return p, d.problems, d.secrets
}

// At turns an error about the value at a path such as "rules[2].filter" into a Problem with its line.
func (p *Policies) At(path string, err error) Problem {
	pos := p.lines[path]
	return Problem{File: p.file, Line: pos.line, Column: pos.column, Path: path, Text: err.Error()}
}

func (p *Policies) validate(d *decoder) {
	for i, t := range p.Tags {
		path := fmt.Sprintf("tags[%d]", i)
		if t.Tag == "" {
			d.problemAt(path, "the key tag is missing")
		}
		if len(t.Columns) == 0 && t.Type == "" {
			d.problemAt(path, "needs columns or a type")
		}
		for j, c := range t.Columns {
			pattern(d, fmt.Sprintf("%s.columns[%d]", path, j), c, 3)
		}
	}
	names := map[string]bool{}
	for i, r := range p.Rules {
		path := fmt.Sprintf("rules[%d]", i)
		if r.Name == "" {
			d.problemAt(path, "the key name is missing")
		} else if names[r.Name] {
			d.problemAt(path+".name", "rule %q stands twice", r.Name)
		}
		names[r.Name] = true
		r.validate(d, path)
	}
	p.validateKeys(d)
	for i, t := range p.Tests {
		path := fmt.Sprintf("tests[%d]", i)
		switch {
		case (t.Column == "") == (t.Table == ""):
			d.problemAt(path, "needs column or table, and not both")
		case t.Column != "":
			pattern(d, path+".column", t.Column, 3)
			if t.Sees == "" && t.Value == nil || t.Filter != "" {
				d.problemAt(path, "a test of a column needs sees")
			}
		default:
			pattern(d, path+".table", t.Table, 2)
			if t.Filter == "" && t.Sees == "" || t.Value != nil {
				d.problemAt(path, "a test of a table needs filter (none if there is none), or sees: hidden")
			}
		}
	}
}

func (r Rule) validate(d *decoder, path string) {
	about := 0
	for _, set := range []bool{r.Database != "", r.Table != "", r.Column != "", r.Tag != ""} {
		if set {
			about++
		}
	}
	if about > 1 {
		d.problemAt(path, "is about one of database, table, column and tag, not several")
	}
	if r.Table != "" {
		pattern(d, path+".table", r.Table, 2)
	}
	if r.Column != "" {
		pattern(d, path+".column", r.Column, 3)
	}
	does := 0
	for _, set := range []bool{r.Filter != "", !r.Mask.IsZero(), r.Hide, r.Show, r.MinGroup != MinGroup{}} {
		if set {
			does++
		}
	}
	if does != 1 {
		d.problemAt(path, "needs exactly one of filter, mask, hide, show and min_group")
	}
	rows := r.Filter != "" || r.MinGroup != MinGroup{}
	if rows && (r.Column != "" || r.Tag != "") {
		d.problemAt(path, "a row filter or a least group is about a database or table, not a column or tag")
	}
	if (r.MinGroup != MinGroup{}) && r.MinGroup.Size < 2 {
		d.problemAt(path+".min_group", "the size must be at least 2")
	}
}

func (p *Policies) validateKeys(d *decoder) {
	current, ids := map[string]int{}, map[string]bool{}
	for i, k := range p.Keys {
		path := fmt.Sprintf("keys[%d]", i)
		if k.ID == "" || (k.Key == "") == (k.KMS == "") {
			d.problemAt(path, "needs id, and either key or kms")
		}
		if k.KMS != "" && p.KMS.Directory == "" {
			d.problemAt(path+".kms", "needs kms.directory: where keys are kept")
		}
		if ids[k.Domain+"\x00"+k.ID] {
			d.problemAt(path+".id", "key %q of this domain stands twice", k.ID)
		}
		ids[k.Domain+"\x00"+k.ID] = true
		if current[k.Domain] += 0; k.Current {
			current[k.Domain]++
		}
	}
	for domain, n := range current {
		if n != 1 {
			d.problemAt("keys", "the domain %q needs exactly one key with 'current: true'; it has %d", domain, n)
		}
	}
	for i, r := range p.Rules {
		switch r.Mask.Kind {
		case "hash", "email", "phone", "card", "iban", "pseudonym":
			_, own := current[r.Mask.Domain]
			if _, common := current[""]; !own && !common {
				d.problemAt(fmt.Sprintf("rules[%d].mask", i), "needs a key: there is none for the domain %q, and no default one, in keys", r.Mask.Domain)
			}
		}
	}
}

// pattern checks a dotted name of so many parts. Names with dots in them are written in backticks.
func pattern(d *decoder, path, text string, parts int) {
	if got := len(SplitName(text)); got != parts {
		d.problemAt(path, "%q has %d parts; it needs %s", text, got, []string{"", "", "database.table", "database.table.column"}[parts])
	}
}

// SplitName splits a dotted name. A part in backticks may hold dots.
func SplitName(text string) []string {
	var parts []string
	var part strings.Builder
	quoted := false
	for _, r := range text {
		switch {
		case r == '`':
			quoted = !quoted
		case r == '.' && !quoted:
			parts = append(parts, part.String())
			part.Reset()
		default:
			part.WriteRune(r)
		}
	}
	return append(parts, part.String())
}
