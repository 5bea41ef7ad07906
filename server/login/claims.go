package login

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// find is a claim's value. A name is first taken as it is, since some providers use addresses as names, then as a path through objects.
func find(claims map[string]any, name string) any {
	if v, ok := claims[name]; ok || name == "" {
		return v
	}
	head, rest, ok := strings.Cut(name, ".")
	for ok {
		if inner, is := claims[head].(map[string]any); is {
			return find(inner, rest)
		}
		var more string
		if more, rest, ok = strings.Cut(rest, "."); ok {
			head += "." + more
		}
	}
	return nil
}

// values are a claim's values as texts: of a list, each. Objects, and whatever else has no plain spelling, have none. The claims scope and scp are lists with
// blanks between, as OAuth has them.
func values(claims map[string]any, name string) []string {
	v := find(claims, name)
	if s, ok := v.(string); ok && (name == "scope" || name == "scp") {
		return strings.Fields(s)
	}
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	var out []string
	for _, item := range list {
		switch item := item.(type) {
		case string:
			out = append(out, item)
		case json.Number:
			out = append(out, item.String())
		case bool:
			out = append(out, strconv.FormatBool(item))
		}
	}
	return out
}

// mapped are the roles that a configuration gives for what another system calls groups or roles, and to everybody, in order and each once. What isn't in
// the mapping gives none.
func mapped(roles map[string]string, given, everybody []string, same func(a, b string) bool) []string {
	out := slices.Clone(everybody)
	for name, role := range roles {
		if slices.ContainsFunc(given, func(g string) bool { return same(name, g) }) {
			out = append(out, role)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
