package duck

import (
	"strings"

	"weir/engine/sqlerr"
)

// JSON functions that take paths.

var errPath = sqlerr.Kind{Code: 3143, State: "42000"}.New("invalid JSON path expression")
var errWildcard = sqlerr.Kind{Code: 3149, State: "42000"}.New("in this situation, path expressions may not contain the * and ** tokens or an array range")
var errVacuous = sqlerr.Kind{Code: 3153, State: "42000"}.New("the path expression '$' is not allowed in this context")
var errCell = sqlerr.Kind{Code: 3165, State: "42000"}.New("a path expression is not a path to a cell in an array")
var errOneOrAll = sqlerr.Kind{Code: 3154, State: "42000"}.New("the oneOrAll argument may take these values: 'one' or 'all'")

// paths are the parsed paths of a chunk's rows by their text.
type paths map[string][]step

func pathAt(a *args, i int) ([]step, error) {
	known, ok := a.memo.(paths)
	if !ok {
		known = paths{}
		a.memo = known
	}
	if steps, ok := known[a.text(i)]; ok {
		return steps, nil
	}
	steps, err := parsePath(a.text(i))
	if err == nil {
		known[strings.Clone(a.text(i))] = steps
	}
	return steps, err
}

// plainPath is a path without wildcards.
func plainPath(a *args, i int) ([]step, error) {
	steps, err := pathAt(a, i)
	if err == nil && wild(steps) {
		err = errWildcard
	}
	return steps, err
}

// documentAt is the document of operand 0, or the part that the plain path of operand i leads to, if there is such an operand; nil if it leads nowhere.
func documentAt(a *args, i int) (*jsonValue, error) {
	v, err := parseJSON(a.text(0), false)
	if err != nil || i >= a.n() {
		return v, err
	}
	steps, err := plainPath(a, i)
	if err != nil {
		return nil, err
	}
	var found *jsonValue
	v.find(steps, func(x *jsonValue) { found = x })
	return found, nil
}

func init() {
	t1, t2 := []kind{kindText}, []kind{kindText, kindText}
	set := func(name string, in []kind, out kind, eval func(a *args) error) {
		register(function{name: "weir_" + name, in: in, out: out, eval: eval})
	}
	// Paths that are wrong are errors even beside NULL, so these see NULL and give it themselves.
	many := func(name string, in []kind, out kind, eval func(a *args) error) {
		register(function{name: "weir_" + name, in: in, rest: kindText, variadic: true, out: out, nulls: true, eval: eval})
	}
	register(function{name: "weir_json_extract", in: t1, rest: kindText, variadic: true, out: kindText, eval: jsonExtract})
	set("json_value", t2, kindText, func(a *args) error {
		v, err := documentAt(a, 1)
		if err != nil || v == nil {
			return err
		}
		switch v.kind {
		case jsonString, jsonNumber:
			a.setText(v.text)
		case jsonTrue, jsonFalse:
			var b strings.Builder
			v.write(&b)
			a.setText(b.String())
		}
		return nil // NULL for null, arrays and objects
	})
	for _, in := range [][]kind{t1, t2} {
		set("json_length", in, kindInt, func(a *args) error {
			v, err := documentAt(a, 1)
			if v == nil || err != nil {
				return err
			}
			switch v.kind {
			case jsonArray:
				a.setInt(int64(len(v.items)))
			case jsonObject:
				a.setInt(int64(len(v.members)))
			default:
				a.setInt(1)
			}
			return nil
		})
		set("json_keys", in, kindText, func(a *args) error {
			v, err := documentAt(a, 1)
			if v == nil || err != nil || v.kind != jsonObject {
				return err
			}
			keys := &jsonValue{kind: jsonArray}
			for _, m := range v.members {
				keys.items = append(keys.items, &jsonValue{kind: jsonString, text: m.name})
			}
			return setJSON(a, keys)
		})
	}
	for _, in := range [][]kind{t2, {kindText, kindText, kindText}} {
		set("json_contains", in, kindInt, func(a *args) error {
			v, err := documentAt(a, 2)
			if v == nil || err != nil {
				return err
			}
			part, err := parseJSON(a.text(1), false)
			if err != nil {
				return err
			}
			a.setInt(truth(contains(v, part)))
			return nil
		})
	}
	register(function{name: "weir_json_contains_path", in: t2, rest: kindText, variadic: true, out: kindInt, eval: containsPath})
	set("json_overlaps", t2, kindInt, func(a *args) error {
		x, y, err := twoDocuments(a)
		if err == nil {
			a.setInt(truth(overlaps(x, y)))
		}
		return err
	})
	set("json_member_of", t2, kindInt, func(a *args) error {
		x, y, err := twoDocuments(a)
		if err != nil {
			return err
		}
		items := y.items
		if y.kind != jsonArray {
			items = []*jsonValue{y}
		}
		a.setInt(0)
		for _, item := range items {
			if compareJSON(x, item) == 0 {
				a.setInt(1)
			}
		}
		return nil
	})
	many("json_search", []kind{kindText, kindText, kindText}, kindText, jsonSearch)
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func twoDocuments(a *args) (x, y *jsonValue, err error) {
	if x, err = parseJSON(a.text(0), false); err == nil {
		y, err = parseJSON(a.text(1), false)
	}
	return x, y, err
}

// jsonExtract gives the value, or an array of values if there is more than one path or a wildcard.
func jsonExtract(a *args) error {
	v, err := parseJSON(a.text(0), false)
	if err != nil {
		return err
	}
	list := &jsonValue{kind: jsonArray}
	many := a.n() > 2
	for i := 1; i < a.n(); i++ {
		steps, err := pathAt(a, i)
		if err != nil {
			return err
		}
		many = many || wild(steps)
		v.find(steps, func(x *jsonValue) { list.items = append(list.items, x) })
	}
	switch {
	case len(list.items) == 0:
		return nil
	case many:
		return setJSON(a, list)
	}
	return setJSON(a, list.items[0])
}

// contains follows JSON_CONTAINS: an array contains what an element contains, an object its members.
func contains(v, part *jsonValue) bool {
	switch {
	case v.kind == jsonArray && part.kind == jsonArray:
		for _, p := range part.items {
			if !contains(v, p) {
				return false
			}
		}
		return true
	case v.kind == jsonArray:
		for _, item := range v.items {
			if contains(item, part) {
				return true
			}
		}
		return false
	case v.kind == jsonObject && part.kind == jsonObject:
		for _, p := range part.members {
			found := false
			for _, m := range v.members {
				found = found || m.name == p.name && contains(m.value, p.value)
			}
			if !found {
				return false
			}
		}
		return true
	}
	return compareJSON(v, part) == 0
}

func overlaps(x, y *jsonValue) bool {
	if x.kind == jsonObject && y.kind == jsonObject {
		for _, m := range x.members {
			for _, n := range y.members {
				if m.name == n.name && compareJSON(m.value, n.value) == 0 {
					return true
				}
			}
		}
		return false
	}
	elements := func(v *jsonValue) []*jsonValue {
		if v.kind == jsonArray {
			return v.items
		}
		return []*jsonValue{v}
	}
	for _, a := range elements(x) {
		for _, b := range elements(y) {
			if compareJSON(a, b) == 0 {
				return true
			}
		}
	}
	return false
}

// oneOrAll reads the operand that says whether one match is enough.
func oneOrAll(s string) (all bool, err error) {
	switch strings.ToLower(s) {
	case "one":
		return false, nil
	case "all":
		return true, nil
	}
	return false, errOneOrAll
}

// documentAndExtent reads the first two operands of functions that look for one of something in a document, or for all.
func documentAndExtent(a *args) (v *jsonValue, all bool, err error) {
	if v, err = parseJSON(a.text(0), false); err != nil {
		return nil, false, err
	}
	all, err = oneOrAll(a.text(1))
	return v, all, err
}

func containsPath(a *args) error {
	v, all, err := documentAndExtent(a)
	if err != nil {
		return err
	}
	hits := 0
	for i := 2; i < a.n(); i++ {
		steps, err := pathAt(a, i)
		if err != nil {
			return err
		}
		found := false
		v.find(steps, func(*jsonValue) { found = true })
		if found {
			hits++
		}
	}
	a.setInt(truth(all && hits == a.n()-2 || !all && hits > 0))
	return nil
}

// jsonSearch gives the paths of the strings that are like a pattern.
func jsonSearch(a *args) error {
	for i := range a.n() {
		if i != 3 && a.null(i) { // an escape character of NULL is the default one
			return nil
		}
	}
	v, all, err := documentAndExtent(a)
	if err != nil {
		return err
	}
	escape := `\`
	if a.n() > 3 && !a.null(3) && a.text(3) != "" {
		escape = a.text(3)
	}
	var hits []string
	seen := map[string]bool{}
	search := func(v *jsonValue, path string) {
		v.strings(path, func(path, s string) {
			if !seen[path] && like(s, a.text(2), escape) && (all || len(hits) == 0) {
				seen[path] = true
				hits = append(hits, path)
			}
		})
	}
	if a.n() <= 4 {
		search(v, "$")
	}
	for i := 4; i < a.n(); i++ {
		steps, err := pathAt(a, i)
		if err != nil {
			return err
		}
		v.findPaths(steps, "$", search)
	}
	switch len(hits) {
	case 0:
		return nil
	case 1:
		a.setText(quoteJSON(hits[0]))
		return nil
	}
	list := &jsonValue{kind: jsonArray}
	for _, h := range hits {
		list.items = append(list.items, &jsonValue{kind: jsonString, text: h})
	}
	return setJSON(a, list)
}
