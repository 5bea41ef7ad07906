package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/catalog/config"
	"weir/sources"
)

// parsePolicy reads a configuration whose policy file is text.
func parsePolicy(t *testing.T, text string) (*config.Config, error) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "p.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return config.Parse([]byte("policy: p.yaml\nusers: [{name: root, password: secret-1}]\n"), filepath.Join(dir, "weir.yaml"), []sources.Kind{})
}

// What is wrong with a policy file is told with its line: a rule that is misunderstood would show what it should hide.
func TestPolicyProblems(t *testing.T) {
	for text, want := range map[string]string{
		"rulez: []":                             `p.yaml:1:1: unknown key "rulez"; did you mean "rules"?`,
		"rules:\n  - {name: a, mask: redacted}": `p.yaml:2:21: rules[0].mask: "redacted" is no mask that stands alone; did you mean "redact"?`,
		"rules:\n  - {name: a, mask: {partiall: {last: 1}}}":                          `p.yaml:2:22: rules[0].mask.partiall: unknown mask "partiall"; did you mean "partial"?`,
		"rules:\n  - {name: a, mask: {partial: {first: 0}}}":                          `p.yaml:2:31: rules[0].mask.partial: needs first or last`,
		"rules:\n  - {name: a, mask: {bucket: 0.00}}":                                 `rules[0].mask.bucket: "0.00" is no positive number`,
		"rules:\n  - {name: a, mask: {truncate: day}}":                                `"day" is none of month, quarter, year`,
		"rules:\n  - {name: a, mask: pseudonym}":                                      `rules[0].mask: needs a key: there is none for the domain "", and no default one, in keys`,
		"rules:\n  - {name: a, hide: true, show: true}":                               `p.yaml:2:5: rules[0]: needs exactly one of filter, mask, hide, show and min_group`,
		"rules:\n  - {name: a, table: b}":                                             `needs exactly one of filter, mask, hide, show and min_group`,
		"rules:\n  - {name: a, table: b.c, tag: d, hide: true}":                       `is about one of database, table, column and tag, not several`,
		"rules:\n  - {name: a, table: b, hide: true}":                                 `p.yaml:2:22: rules[0].table: "b" has 1 parts; it needs database.table`,
		"rules:\n  - {name: a, column: b.c, hide: true}":                              `"b.c" has 2 parts; it needs database.table.column`,
		"rules:\n  - {name: a, column: b.c.d, filter: \"true\"}":                      `a row filter or a least group is about a database or table, not a column or tag`,
		"rules:\n  - {name: a, min_group: {size: 1}}":                                 `p.yaml:2:26: rules[0].min_group: the size must be at least 2`,
		"rules:\n  - {hide: true}":                                                    `rules[0]: the key name is missing`,
		"rules:\n  - {name: a, hide: true}\n  - {name: a, show: true}":                `p.yaml:3:12: rules[1].name: rule "a" stands twice`,
		"tags:\n  - {tag: a}":                                                         `tags[0]: needs columns or a type`,
		"tags:\n  - {tag: a, columns: [b.c]}":                                         `tags[0].columns[0]: "b.c" has 2 parts`,
		"keys:\n  - {id: a, key: x}":                                                  `keys: the domain "" needs exactly one key with 'current: true'; it has 0`,
		"keys:\n  - {id: a, key: x, kms: y, current: true}":                           `keys[0]: needs id, and either key or kms`,
		"keys:\n  - {id: a, kms: y, current: true}":                                   `keys[0].kms: needs kms.directory`,
		"keys:\n  - {id: a, key: x, current: true}\n  - {id: a, key: y}":              `keys[1].id: key "a" of this domain stands twice`,
		"tests:\n  - {column: a.b.c}":                                                 `tests[0]: a test of a column needs sees`,
		"tests:\n  - {sees: plain}":                                                   `tests[0]: needs column or table, and not both`,
		"rules:\n  - {name: a, filter: \"${env:NO_SUCH_VARIABLE_HERE}\", table: b.c}": `the environment variable NO_SUCH_VARIABLE_HERE is not set`,
		"rules: {name: a}":                                                            `rules: expected a list, found`,
		"rules: [":                                                                    `p.yaml:`,
	} {
		_, err := parsePolicy(t, text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\ngives   %v\nwant a part %s", text, err, want)
		}
	}
	if _, err := config.Parse([]byte("policy: nowhere.yaml\nusers: [{name: root, password: secret-1}]\n"), "weir.yaml", nil); err == nil || !strings.Contains(err.Error(), "weir.yaml:1:9: policy: reading the policy file") {
		t.Errorf("a file that isn't there: %v", err)
	}
}

// Keys are secrets: they are in no text that the configuration is printed as, nor in its errors.
func TestPolicyKeysAreSecret(t *testing.T) {
	t.Setenv("THE_KEY", "a-key-that-nobody-sees")
	cfg, err := parsePolicy(t, "keys:\n  - {domain: d, id: k1, key: \"${env:THE_KEY}\", current: true}\nrules:\n  - {name: a, column: a.b.c, mask: {pseudonym: d}}\n")
	if err != nil {
		t.Fatal(err)
	}
	if k := cfg.Policies.Keys[0]; string(k.Key) != "a-key-that-nobody-sees" || cfg.Policies.Rules[0].Mask.Domain != "d" {
		t.Errorf("%+v", cfg.Policies)
	}
	if got := cfg.Redact("the key is a-key-that-nobody-sees."); strings.Contains(got, "nobody") {
		t.Error(got)
	}
}

func TestSplitName(t *testing.T) {
	for text, want := range map[string]string{"a.b.c": "a|b|c", "a.`b.c`": "a|b.c", "`x`": "x", "a..b": "a||b"} {
		if got := strings.Join(config.SplitName(text), "|"); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// The mask null is YAML's null as well; a mask that is left empty is none.
func TestNullIsAMask(t *testing.T) {
	cfg, err := parsePolicy(t, "rules:\n  - {name: a, column: a.b.c, mask: null}\n  - name: b\n    mask: \"null\"\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range cfg.Policies.Rules {
		if r.Mask.Kind != "null" {
			t.Errorf("%s: %+v", r.Name, r.Mask)
		}
	}
	if _, err := parsePolicy(t, "rules:\n  - name: a\n    mask:\n"); err == nil || !strings.Contains(err.Error(), "needs exactly one") {
		t.Error(err)
	}
}
