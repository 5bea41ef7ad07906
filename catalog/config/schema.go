package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/invopop/jsonschema"

	"weir/sources"
)

// Schema is the JSON Schema of weir.yaml for editors, with the given kinds of sources.
func Schema(kinds []sources.Kind) ([]byte, error) {
	r := &jsonschema.Reflector{FieldNameTag: "yaml", Anonymous: true, DoNotReference: true, RequiredFromJSONSchemaTags: true,
		Mapper: func(t reflect.Type) *jsonschema.Schema { return scalarSchema(t, kinds) }}
	root := r.Reflect(&Config{})
	root.Title = "weir.yaml"
	root.Description = "Configuration of Weir. Any text may hold ${env:NAME} and ${file:PATH}."
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(root); err != nil {
		return nil, fmt.Errorf("writing the JSON Schema: %w", err)
	}
	return out.Bytes(), nil
}

func scalarSchema(t reflect.Type, kinds []sources.Kind) *jsonschema.Schema {
	switch t {
	case reflect.TypeFor[Source]():
		return sourceSchema(kinds)
	case reflect.TypeFor[Audit]():
		return auditSchema()
	}
	return plainScalar(t)
}

// plainScalar is the schema of a type that is written as one value.
func plainScalar(t reflect.Type) *jsonschema.Schema {
	switch t {
	case reflect.TypeFor[Size]():
		return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{
			{Type: "string", Pattern: `^[0-9.]+ *([KMGT]iB|[kMGT]?B)?$|\$\{`}, {Type: "integer", Minimum: "0"}}}
	case reflect.TypeFor[Duration]():
		return &jsonschema.Schema{Type: "string", Pattern: `^([0-9.]+(ns|us|µs|ms|s|m|h))+$|^0$|\$\{`}
	case reflect.TypeFor[Secret]():
		return &jsonschema.Schema{Type: "string"}
	}
	return nil
}

// sourceSchema allows for each kind the common keys and its own.
func sourceSchema(kinds []sources.Kind) *jsonschema.Schema {
	type common Source // without the Mapper's entry
	r := &jsonschema.Reflector{FieldNameTag: "yaml", Anonymous: true, DoNotReference: true, RequiredFromJSONSchemaTags: true,
		Mapper: func(t reflect.Type) *jsonschema.Schema {
			if t == reflect.TypeFor[Duration]() {
				return scalarSchema(t, nil)
			}
			return nil
		}}
	out := &jsonschema.Schema{}
	for _, k := range kinds {
		s := r.Reflect(&common{})
		s.Version = ""
		s.Title = k.Name
		if kind, ok := s.Properties.Get("kind"); ok {
			kind.Const = k.Name
		}
		for _, o := range k.Options {
			s.Properties.Set(o.Name, &jsonschema.Schema{Description: o.Help, WriteOnly: o.Secret})
			if o.Required {
				s.Required = append(s.Required, o.Name)
			}
		}
		out.OneOf = append(out.OneOf, s)
	}
	return out
}
