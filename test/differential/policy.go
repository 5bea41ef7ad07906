package differential

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"weir/policy/pseudonym"
	"weir/test/reference"
)

// Policy is what one user sees of a data set: the rules that say so to Weir, and the data as it is then, which is made without anything of Weir's but the keyed
// masks: values are masked by Go functions of their own, and rows filtered, and masks that are SQL computed, by the reference.
type Policy struct {
	User
	// Tags and Rules are the entries of the policy file.
	Tags, Rules []string
	// Seen is what the user sees. Behind are the same tables with the columns beside them that tell people apart, by which the reference counts.
	Seen, Behind *reference.Set
	// Least is the smallest group that is shown of a table, by database.table. Of others rows are shown.
	Least map[string]least
}

// least is a table's smallest group, and the columns of Behind that tell people apart.
type least struct {
	size   int
	people []string
}

// policyFile is the file with the rules of several policies.
func policyFile(policies []*Policy) string {
	var tags, rules []string
	for _, p := range policies {
		tags, rules = append(tags, p.Tags...), append(rules, p.Rules...)
	}
	out := "keys:\n"
	for domain, k := range testKeys {
		out += fmt.Sprintf("  - {domain: %q, id: %q, key: %q, current: true}\n", domain, k.id, k.key)
	}
	if len(tags) > 0 {
		out += "tags:\n  - " + strings.Join(tags, "\n  - ") + "\n"
	}
	return out + "rules:\n  - " + strings.Join(rules, "\n  - ") + "\n"
}

// raw is the prefix of the reference's databases that hold the data as it is.
const raw = "raw_"

// rawNames qualifies tables of the data set as they are on the reference.
var rawNames = strings.NewReplacer(reference.Postgres+".", raw+reference.Postgres+".", reference.MariaDB+".", raw+reference.MariaDB+".",
	reference.SQLite+".", raw+reference.SQLite+".")

// testKeys are those of the policy file, by domain; the empty one is for all that have none.
var testKeys = map[string]struct{ id, key string }{
	"":       {"k1", "q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k="},
	"people": {"2026", "/ty6mHZUMhD+3LqYdlQyEP7cuph2VDIQ/ty6mHZUMhDvzauJZ0UjAe/Nq4lnRSMB782riWdFIwHvzauJZ0UjAQ=="},
}

// ring holds testKeys.
var ring = func() *pseudonym.Keyring {
	domains := map[string]pseudonym.Domain{}
	for name, k := range testKeys {
		if name == "" {
			name = pseudonym.Default
		}
		domains[name] = pseudonym.Domain{Keys: map[string]pseudonym.Material{k.id: pseudonym.Material(k.key)}}
	}
	r, err := pseudonym.NewKeyring(domains)
	if err != nil {
		panic(err)
	}
	return r
}()

// sqlText is SQL of a policy, as Weir is given it. Tables are named as the policy's users know them.
type sqlText string

// onReference is the text with what only policies have replaced by what it says of the user.
func (s sqlText) onReference(u User) string {
	text := strings.ReplaceAll(string(s), "current_user()", quoted(u.Name))
	for _, role := range append(slices.Clone(u.Roles), "nobody") {
		text = strings.ReplaceAll(text, "has_role("+quoted(role)+")", strings.ToUpper(fmt.Sprint(slices.Contains(u.Roles, role))))
	}
	for name, value := range u.Attributes {
		text = strings.ReplaceAll(text, "attr("+quoted(name)+")", quoted(value))
	}
	text = strings.ReplaceAll(text, "attr('nothing')", "cast(null as char)")
	return rawNames.Replace(text)
}

// view is what a policy makes of one table.
type view struct {
	table   *reference.Table
	filter  sqlText // empty: all rows
	columns []viewed
	people  []string
}

// viewed is a column of a view.
type viewed struct {
	reference.Column
	from int             // its place in the table
	mask func(v any) any // nil: none, or sql; v is never NULL unless all is set
	all  bool            // NULL is masked as well
	sql  sqlText         // what the reference computes
}

// look computes a view on the reference: the table as the user sees it, and with the columns that tell people apart.
func (v *view) look(ctx context.Context, c *reference.Client, u User) (seen, behind *reference.Table, err error) {
	query := "select "
	for _, k := range v.table.Key {
		query += "`" + k + "`, "
	}
	var computed []int
	for i, col := range v.columns {
		if col.sql != "" {
			query += col.sql.onReference(u) + ", "
			computed = append(computed, i)
		}
	}
	query = strings.TrimSuffix(query, ", ") + " from " + raw + v.table.Database + "." + v.table.Name
	if v.filter != "" {
		query += " where " + v.filter.onReference(u)
	}
	res := c.Query(ctx, query)
	if res.Err != nil {
		return nil, nil, fmt.Errorf("%s: %w", query, res.Err)
	}
	n := len(v.table.Key)
	left := map[string][]*string{}
	for _, row := range res.Rows {
		left[rowKey(row[:n])] = row[n:]
	}
	seen = &reference.Table{Database: v.table.Database, Name: v.table.Name, Key: v.table.Key}
	for _, col := range v.columns {
		seen.Columns = append(seen.Columns, col.Column)
	}
	for _, k := range v.table.Key { // a key is one as long as all of it is shown as it is
		if !slices.ContainsFunc(v.columns, func(c viewed) bool { return c.Name == k && c.mask == nil && c.sql == "" }) {
			seen.Key = nil
		}
	}
	own := *seen
	behind = &own
	behind.Columns = slices.Clone(seen.Columns)
	var people []int
	for _, name := range v.people {
		i := slices.IndexFunc(v.table.Columns, func(c reference.Column) bool { return c.Name == name })
		people = append(people, i)
		c := v.table.Columns[i]
		c.Name = peopleColumn(name)
		behind.Columns = append(behind.Columns, c)
	}
	for _, row := range v.table.Rows {
		values, ok := left[rowKey(v.key(row))]
		if !ok {
			continue
		}
		var out []any
		for i, col := range v.columns {
			value := row[col.from]
			switch {
			case col.sql != "":
				value = col.parse(values[slices.Index(computed, i)])
			case col.mask != nil && (value != nil || col.all):
				value = col.mask(value)
			}
			out = append(out, value)
		}
		seen.Rows = append(seen.Rows, out)
		for _, i := range people {
			out = append(slices.Clone(out), row[i])
		}
		behind.Rows = append(behind.Rows, out)
	}
	return seen, behind, nil
}

// peopleColumn is the name under which a column that tells people apart stands in Behind.
func peopleColumn(name string) string { return name + "_behind" }

func (v *view) key(row []any) []*string {
	var out []*string
	for _, k := range v.table.Key {
		s := fmt.Sprint(row[slices.IndexFunc(v.table.Columns, func(c reference.Column) bool { return c.Name == k })])
		out = append(out, &s)
	}
	return out
}

func rowKey(values []*string) string {
	var out strings.Builder
	for _, v := range values {
		out.WriteString(show(v) + "\x00")
	}
	return out.String()
}
