package config

import (
	"log/slog"
	"os"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"
)

const redacted = "[redacted]"

// Secret is a text that is never printed.
type Secret string

// String is [redacted].
func (Secret) String() string { return redacted }

// GoString is [redacted].
func (Secret) GoString() string { return redacted }

// MarshalText is [redacted], for JSON.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// MarshalYAML is [redacted].
func (Secret) MarshalYAML() (any, error) { return redacted, nil }

// LogValue is [redacted].
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

var reference = regexp.MustCompile(`\$?\$\{[^}]*\}?`)

// resolve replaces the references in a text. found tells whether there were any.
func (d *decoder) resolve(n *yaml.Node, path, text string) (out string, found bool) {
	secret := func(value string) string {
		d.secrets = append(d.secrets, value)
		return value
	}
	out = reference.ReplaceAllStringFunc(text, func(ref string) string {
		if strings.HasPrefix(ref, "$$") {
			return ref[1:]
		}
		found = true
		scheme, name, ok := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(ref, "${"), "}"), ":")
		switch {
		case !strings.HasSuffix(ref, "}") || !ok || name == "":
			d.problem(n, path, "%s is no reference; write ${env:NAME}, ${file:PATH}, or $${ for the characters ${", ref)
		case scheme == "env":
			value, set := os.LookupEnv(name)
			if !set {
				d.problem(n, path, "the environment variable %s is not set", name)
				return ref // not empty, which would be told as a second problem
			}
			return secret(value)
		case scheme == "file":
			data, err := os.ReadFile(d.path(name))
			if err != nil {
				d.problem(n, path, "reading a secret: %s", err)
				return ref
			}
			return secret(strings.TrimRight(string(data), "\r\n"))
		default:
			d.problem(n, path, "%s: unknown kind of reference %q; write ${env:NAME} or ${file:PATH}", ref, scheme)
		}
		return ref
	})
	return out, found
}
