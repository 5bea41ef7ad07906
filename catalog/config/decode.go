package config

import (
	"encoding"
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"weir/sources"
)

// Problem is one thing that is wrong with a configuration.
type Problem struct {
	File         string
	Line, Column int    // 0 if unknown
	Path         string // such as sources.erp.dsn
	Text         string
}

// Error is file:line:column: path: text.
func (p Problem) Error() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Line, p.Column)
	}
	b.WriteString(": ")
	if p.Path != "" {
		b.WriteString(p.Path + ": ")
	}
	b.WriteString(p.Text)
	return b.String()
}

// Problems is everything that is wrong with a configuration, in the order of its lines.
type Problems []Problem

// Error is one problem a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

type position struct{ line, column int }

// decoder walks a file's syntax tree and fills the Go types, noting where each value stands and everything that doesn't fit.
type decoder struct {
	file, dir string
	kinds     []sources.Kind
	lines     map[string]position
	problems  Problems
	secrets   []string
}

// nodeDecoder is a type that reads its own part of the tree.
type nodeDecoder interface {
	decodeNode(d *decoder, n *yaml.Node, path string)
}

func valueOf(ptr any) reflect.Value { return reflect.ValueOf(ptr).Elem() }

func (d *decoder) problem(n *yaml.Node, path, format string, args ...any) {
	d.problems = append(d.problems, Problem{File: d.file, Line: n.Line, Column: n.Column, Path: path, Text: fmt.Sprintf(format, args...)})
}

// problemAt is problem for a value that has been decoded; a path that is not in the file is told at its nearest parent.
func (d *decoder) problemAt(path, format string, args ...any) {
	at := path
	for {
		if pos, ok := d.lines[at]; ok || at == "" {
			d.problems = append(d.problems, Problem{File: d.file, Line: pos.line, Column: pos.column, Path: path, Text: fmt.Sprintf(format, args...)})
			return
		}
		at = at[:max(0, strings.LastIndexAny(at, ".["))]
	}
}

func (d *decoder) value(n *yaml.Node, v reflect.Value, path string) {
	n = resolveAlias(n)
	if _, ok := d.lines[path]; !ok {
		d.lines[path] = position{n.Line, n.Column}
	}
	if n.Tag == "!!null" { // a key without a value keeps its default
		if m, ok := v.Addr().Interface().(*Mask); ok && n.Value != "" { // but one mask is null
			m.decodeNode(d, n, path)
		}
		return
	}
	if nd, ok := v.Addr().Interface().(nodeDecoder); ok {
		nd.decodeNode(d, n, path)
		return
	}
	if tu, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		if n.Kind != yaml.ScalarNode {
			d.problem(n, path, "expected a single value, found %s", describe(n))
			return
		}
		text, _ := d.resolve(n, path, n.Value)
		if err := tu.UnmarshalText([]byte(text)); err != nil {
			d.problem(n, path, "%s", err)
		}
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.value(n, v.Elem(), path)
	case reflect.Struct:
		d.section(n, v, path)
	case reflect.Map:
		d.mapping(n, v, path)
	case reflect.Slice:
		if n.Kind != yaml.SequenceNode {
			d.problem(n, path, "expected a list, found %s", describe(n))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
		for i, item := range n.Content {
			d.value(item, v.Index(i), fmt.Sprintf("%s[%d]", path, i))
		}
	case reflect.String:
		if n.Kind != yaml.ScalarNode || n.Tag != "!!str" {
			hint := ""
			if n.Kind == yaml.ScalarNode {
				hint = "; put it in quotes"
			}
			d.problem(n, path, "expected a text, found %s%s", describe(n), hint)
			return
		}
		text, _ := d.resolve(n, path, n.Value)
		v.SetString(text)
	case reflect.Int:
		i, err := strconv.Atoi(n.Value)
		if n.Kind != yaml.ScalarNode || n.Tag != "!!int" || err != nil {
			d.problem(n, path, "expected a whole number, found %s", describe(n))
			return
		}
		v.SetInt(int64(i))
	case reflect.Bool:
		var b bool
		if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" || n.Decode(&b) != nil {
			d.problem(n, path, "expected true or false, found %s", describe(n))
			return
		}
		v.SetBool(b)
	default:
		panic("config: no decoding for " + v.Type().String())
	}
}

func (d *decoder) section(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.MappingNode {
		d.problem(n, path, "expected a section of keys, found %s", describe(n))
		return
	}
	known := fields(v)
	d.pairs(n, path, func(key, value *yaml.Node, sub string) {
		f, ok := known[key.Value]
		if !ok {
			d.problem(key, path, "unknown key %q%s", key.Value, suggestKey(key.Value, slices.Sorted(maps.Keys(known))))
			return
		}
		d.value(value, f, sub)
	})
}

func (d *decoder) mapping(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.MappingNode {
		d.problem(n, path, "expected a section of names, found %s", describe(n))
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	d.pairs(n, path, func(key, value *yaml.Node, sub string) {
		d.lines[sub] = position{key.Line, key.Column}
		item := reflect.New(v.Type().Elem()).Elem()
		d.value(value, item, sub)
		v.SetMapIndex(reflect.ValueOf(key.Value), item)
	})
}

// pairs visits a mapping's keys once each.
func (d *decoder) pairs(n *yaml.Node, path string, visit func(key, value *yaml.Node, sub string)) {
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], resolveAlias(n.Content[i+1])
		if key.Kind != yaml.ScalarNode {
			d.problem(key, path, "expected a key, found %s", describe(key))
			continue
		}
		if line, dup := seen[key.Value]; dup {
			d.problem(key, path, "key %q stands twice; the first is in line %d", key.Value, line)
			continue
		}
		seen[key.Value] = key.Line
		sub := key.Value
		if path != "" {
			sub = path + "." + key.Value
		}
		visit(key, value, sub)
	}
}

// path takes a relative file name from the configuration's directory.
func (d *decoder) path(name string) string {
	if name == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(d.dir, name)
}

// fields are a struct's settable fields by key.
func fields(v reflect.Value) map[string]reflect.Value {
	out := map[string]reflect.Value{}
	for i := range v.NumField() {
		if key := v.Type().Field(i).Tag.Get("yaml"); key != "" && key != "-" {
			out[key] = v.Field(i)
		}
	}
	return out
}

func resolveAlias(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

func describe(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a section"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Tag == "!!int" || n.Tag == "!!float":
		return "a number"
	case n.Tag == "!!bool":
		return "true or false"
	case n.Tag == "!!null":
		return "nothing"
	}
	return "a text"
}
