package plan

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/bind"
	"weir/engine/lineage"
	"weir/engine/rel"
)

// bound binds a statement over the described systems.
func bound(statement string) (*bind.Query, error) {
	ast, err := bind.Parse(context.Background(), statement, sqlparser.ParserOptions{})
	if err != nil {
		return nil, err
	}
	return bind.Bind(context.Background(), ast.(sqlparser.SelectStatement), &bind.Env{Tables: described{}, Session: session{}, Now: time.Unix(1.7e9, 0).UTC(), IDs: &rel.IDs{}})
}

// TestLineage compares the lineage of statements, column by column, with what was written by hand.
func TestLineage(t *testing.T) {
	file, err := os.ReadFile("testdata/lineage.txt")
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, c := range strings.Split(strings.TrimSpace(string(file)), "\n\n") {
		head, want, isCase := strings.Cut(c, "\n----\n")
		if !isCase {
			continue
		}
		var statement []string
		for _, line := range strings.Split(head, "\n") {
			if !strings.HasPrefix(line, "#") {
				statement = append(statement, line)
			}
		}
		text := strings.Join(statement, "\n")
		checked++
		q, err := bound(text)
		if want == "refused" {
			if err == nil {
				t.Errorf("%s\nis not refused", text)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s\n%v", text, err)
			continue
		}
		r := lineage.Of(q, lineage.Options{})
		var got []string
		for _, o := range r.Outputs {
			got = append(got, lineOf(o.Name, o.Inputs))
		}
		got = append(got, lineOf("*", r.Rows))
		var expected []string
		for _, line := range strings.Split(want, "\n") {
			name, uses, _ := strings.Cut(line, ":")
			expected = append(expected, sortedLine(name, strings.Split(strings.TrimSpace(uses), ", ")))
		}
		if !slices.Equal(got, expected) {
			t.Errorf("%s\ngot:\n  %s\nwant:\n  %s", text, strings.Join(got, "\n  "), strings.Join(expected, "\n  "))
		}
		if r.Incomplete {
			t.Errorf("%s\nis told to be incomplete", text)
		}
	}
	if checked < 60 {
		t.Errorf("%d statements were compared, there should be 60", checked)
	}
}

func lineOf(name string, inputs []lineage.Input) string {
	var uses []string
	for _, in := range inputs {
		in.Uses.Each(func(u lineage.Use) { uses = append(uses, in.Database+"."+in.Table+"."+in.Name+" "+u.String()) })
		in.Masked.Each(func(u lineage.Use) {
			uses = append(uses, in.Database+"."+in.Table+"."+in.Name+" "+u.String()+" MASKED")
		})
	}
	return sortedLine(name, uses)
}

func sortedLine(name string, uses []string) string {
	slices.Sort(uses)
	return strings.TrimSpace(name + ": " + strings.Join(uses, ", "))
}
