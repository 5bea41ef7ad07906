package config

import (
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"weir/sources"
)

// Source is a system to read. Besides the keys here, its section holds those of its kind.
type Source struct {
	Kind             string   `yaml:"kind" jsonschema:"required" jsonschema_description:"The kind of system."`
	MaxConnections   int      `yaml:"max_connections" jsonschema:"minimum=0,default=0" jsonschema_description:"Connections to the source at once; 0 is the kind's default."`
	StatementTimeout Duration `yaml:"statement_timeout" jsonschema:"default=10m" jsonschema_description:"The longest time that a statement may hold a connection to the source, whoever is slow."`
	Refresh          Duration `yaml:"refresh" jsonschema:"default=5m" jsonschema_description:"Age at which the list of tables is read again."`
	Default          string   `yaml:"default" jsonschema:"default=allow,enum=allow,enum=deny" jsonschema_description:"deny hides columns that have no tag and that no rule of the policy names."`

	// Options are the keys of the kind, with references resolved and paths made absolute or relative to the working directory.
	Options map[string]any `yaml:"-"`
	shown   map[string]any // Options as they may be printed
}

// DefaultStatementTimeout is the statement_timeout of a source that sets none: no source is held without a limit.
const DefaultStatementTimeout = 10 * time.Minute

// Timeout is the source's statement_timeout.
func (s Source) Timeout() time.Duration {
	if s.StatementTimeout == 0 {
		return DefaultStatementTimeout
	}
	return time.Duration(s.StatementTimeout)
}

// Equal reports whether two sections mean the same source with the same settings.
func (s Source) Equal(o Source) bool {
	return s.Kind == o.Kind && s.MaxConnections == o.MaxConnections && s.StatementTimeout == o.StatementTimeout &&
		s.Refresh == o.Refresh && s.Default == o.Default && reflect.DeepEqual(s.Options, o.Options)
}

// SameSystem reports whether two sections mean the same tables, whatever else they say of how to read them.
func (s Source) SameSystem(o Source) bool {
	return s.Kind == o.Kind && reflect.DeepEqual(s.Options, o.Options)
}

// MarshalYAML is the section without its secrets.
func (s Source) MarshalYAML() (any, error) {
	out := map[string]any{"kind": s.Kind}
	if s.MaxConnections != 0 {
		out["max_connections"] = s.MaxConnections
	}
	if s.StatementTimeout != 0 {
		out["statement_timeout"] = s.StatementTimeout.String()
	}
	if s.Refresh != 0 {
		out["refresh"] = s.Refresh.String()
	}
	if s.Default != "" {
		out["default"] = s.Default
	}
	maps.Copy(out, s.shown)
	return out, nil
}

// String is the section without its secrets.
func (s Source) String() string {
	out, err := yaml.Marshal(s)
	if err != nil {
		return s.Kind
	}
	return string(out)
}

// GoString is String, so that %#v doesn't print secrets either.
func (s Source) GoString() string { return s.String() }

// LogValue is the section without its secrets.
func (s Source) LogValue() slog.Value { return slog.StringValue(s.String()) }

// decodeNode splits a section into the common keys and those of its kind.
func (s *Source) decodeNode(d *decoder, n *yaml.Node, path string) {
	if n.Kind != yaml.MappingNode {
		d.problem(n, path, "expected a section with the key kind, found %s", describe(n))
		return
	}
	s.Refresh = DefaultRefresh
	s.Options, s.shown = map[string]any{}, map[string]any{}
	common := fields(reflect.ValueOf(s).Elem())
	kind, known := d.kindOf(n, path)
	allowed := slices.Sorted(maps.Keys(common))
	for _, o := range kind.Options {
		allowed = append(allowed, o.Name)
	}
	d.pairs(n, path, func(key, value *yaml.Node, sub string) {
		if f, ok := common[key.Value]; ok {
			d.value(value, f, sub)
			return
		}
		i := slices.IndexFunc(kind.Options, func(o sources.Option) bool { return o.Name == key.Value })
		if i < 0 {
			if known {
				d.problem(key, path, "kind %s has no key %q%s", kind.Name, key.Value, suggestKey(key.Value, allowed))
			}
			return
		}
		s.option(d, kind.Options[i], value, sub)
	})
	for _, o := range kind.Options {
		if _, set := s.Options[o.Name]; o.Required && !set {
			d.problem(n, path, "kind %s needs the key %s (%s)", kind.Name, o.Name, o.Help)
		}
	}
}

func (s *Source) option(d *decoder, o sources.Option, n *yaml.Node, path string) {
	var v any
	if err := n.Decode(&v); err != nil {
		d.problem(n, path, "%s", strings.TrimPrefix(err.Error(), "yaml: "))
		return
	}
	if v == nil {
		return
	}
	shown := v
	referred := false
	v = mapStrings(v, func(text string) string {
		out, ref := d.resolve(n, path, text)
		referred = referred || ref
		if o.Secret {
			d.secrets = append(d.secrets, out)
		}
		if o.Path {
			out = d.path(out)
		}
		return out
	})
	if o.Secret && !referred {
		shown = redacted
	}
	s.Options[o.Name], s.shown[o.Name] = v, shown
}

// mapStrings applies f to every text inside a decoded value.
func mapStrings(v any, f func(string) string) any {
	switch v := v.(type) {
	case string:
		return f(v)
	case []any:
		for i := range v {
			v[i] = mapStrings(v[i], f)
		}
	case map[string]any:
		for k := range v {
			v[k] = mapStrings(v[k], f)
		}
	}
	return v
}

// kindOf finds the kind that a section names. known is false if there is none, which has then been reported.
func (d *decoder) kindOf(n *yaml.Node, path string) (kind sources.Kind, known bool) {
	var names []string
	for _, k := range d.kinds {
		names = append(names, k.Name)
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value != "kind" {
			continue
		}
		v := resolveAlias(n.Content[i+1])
		for _, k := range d.kinds {
			if k.Name == v.Value {
				return k, true
			}
		}
		d.problem(v, path+".kind", "unknown kind %q%s; known kinds: %s", v.Value, suggest(v.Value, names), strings.Join(names, ", "))
		return sources.Kind{}, false
	}
	d.problem(n, path, "the key kind is missing; known kinds: %s", strings.Join(names, ", "))
	return sources.Kind{}, false
}
