// Package config is weir.yaml: its Go types, strict decoding, secrets, defaults, validation and JSON Schema.
//
// A file is decoded from its syntax tree, so that every problem is told with file, line and column, all of them at once, and an
// unknown key with the nearest right name. A text may hold ${env:NAME} and ${file:PATH}; $${ stands for ${.
//
// What must hold: a value that came from such a reference, a password and an option that its kind calls secret are never printed:
// String, MarshalYAML and LogValue show the reference's text or [redacted]. A key that is accepted here does what its description says.
package config
