package config

import (
	"slices"
	"time"

	"github.com/invopop/jsonschema"
	"go.yaml.in/yaml/v4"
)

// Audit says how the record of statements and logins is kept. It is kept unless the file says audit: off.
type Audit struct {
	Path       string   `yaml:"path" jsonschema:"default=./weir-data/audit" jsonschema_description:"Directory of its files; without it, audit in data_dir. Relative to this file."`
	Literals   string   `yaml:"literals" jsonschema:"default=redact,enum=redact,enum=keep" jsonschema_description:"Whether the constants in statements are recorded. Passwords never are."`
	RotateSize Size     `yaml:"rotate_size" jsonschema:"default=100MiB" jsonschema_description:"Size at which a new file is begun; 0 is any."`
	RotateAge  Duration `yaml:"rotate_age" jsonschema:"default=24h" jsonschema_description:"Age at which a new file is begun; 0s is any."`
	Keep       Duration `yaml:"keep" jsonschema:"default=8760h" jsonschema_description:"How long a file is kept after its last record; 0s is for ever."`
	Key        Secret   `yaml:"key" jsonschema_description:"A secret without which nobody can make a chain of records anew; best as ${file:PATH}, 32 random characters or more."`
	OldKeys    []Secret `yaml:"old_keys" jsonschema_description:"Earlier keys, under which older files are verified."`
	Fsync      string   `yaml:"fsync" jsonschema:"default=1s" jsonschema_description:"When records are forced to the disk: always (before a statement goes on), never, or every so often."`
	Readers    []string `yaml:"readers" jsonschema_description:"Roles that may read weir.audit, besides admin."`

	Off bool `yaml:"-"`
}

func defaultAudit() Audit {
	return Audit{Literals: "redact", RotateSize: 100 << 20, RotateAge: Duration(24 * time.Hour), Keep: Duration(365 * 24 * time.Hour), Fsync: "1s"}
}

// auditKeys has Audit's fields without its own decoding.
type auditKeys Audit

func (a *Audit) decodeNode(d *decoder, n *yaml.Node, path string) {
	if n.Kind == yaml.ScalarNode && n.Value == "off" {
		a.Off = true
		return
	}
	keys := (*auditKeys)(a)
	d.section(n, valueOf(keys), path)
}

// MarshalYAML is off, or the section.
func (a Audit) MarshalYAML() (any, error) {
	if a.Off {
		return "off", nil
	}
	return auditKeys(a), nil
}

// Equal reports whether two sections say the same.
func (a Audit) Equal(o Audit) bool {
	same := slices.Equal(a.OldKeys, o.OldKeys) && slices.Equal(a.Readers, o.Readers)
	return same && a.Path == o.Path && a.Literals == o.Literals && a.RotateSize == o.RotateSize && a.RotateAge == o.RotateAge && a.Keep == o.Keep &&
		a.Key == o.Key && a.Fsync == o.Fsync && a.Off == o.Off
}

// FsyncEvery is when records are forced to the disk: always, every so often, or, with 0, never.
func (a Audit) FsyncEvery() (always bool, every time.Duration) {
	switch a.Fsync {
	case "always":
		return true, 0
	case "never":
		return false, 0
	}
	every, _ = time.ParseDuration(a.Fsync) // it has been validated
	return false, every
}

// minAuditKey is the least length of a key: a shorter one could be guessed.
const minAuditKey = 16

func (c *Config) validateAudit(d *decoder) {
	a := c.Audit
	if a.Off {
		return
	}
	oneOf(d, "audit.literals", a.Literals, "redact", "keep")
	if _, every := a.FsyncEvery(); a.Fsync != "always" && a.Fsync != "never" && every < time.Millisecond {
		d.problemAt("audit.fsync", "%q is none of always, never or a time span of at least 1ms", a.Fsync)
	}
	if a.RotateSize > 0 && a.RotateSize < 64<<10 {
		d.problemAt("audit.rotate_size", "%s is too little; the least is 64KiB", a.RotateSize)
	}
	if a.RotateAge > 0 && a.RotateAge < Duration(time.Minute) {
		d.problemAt("audit.rotate_age", "%s is too little; the least is 1m", a.RotateAge)
	}
	if a.Key != "" && len(a.Key) < minAuditKey {
		d.problemAt("audit.key", "is shorter than %d characters", minAuditKey)
	}
	if slices.Contains(a.OldKeys, "") {
		d.problemAt("audit.old_keys", "a key is empty")
	}
}

func auditSchema() *jsonschema.Schema {
	r := &jsonschema.Reflector{FieldNameTag: "yaml", Anonymous: true, DoNotReference: true, RequiredFromJSONSchemaTags: true, Mapper: plainScalar}
	section := r.Reflect(&auditKeys{})
	section.Version = ""
	return &jsonschema.Schema{OneOf: []*jsonschema.Schema{{Type: "string", Const: "off"}, section}}
}
