package config

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"weir/sources"
)

// Config is a decoded and validated weir.yaml.
type Config struct {
	Listen  string            `yaml:"listen" jsonschema:"default=127.0.0.1:3306" jsonschema_description:"Address of the MySQL protocol."`
	HTTP    string            `yaml:"http" jsonschema:"default=127.0.0.1:8306" jsonschema_description:"Address of /metrics, /healthz and /readyz; 'off' for none."`
	Profile bool              `yaml:"profile" jsonschema_description:"Serve the Go runtime's profiles at /debug/pprof of the address http."`
	DataDir string            `yaml:"data_dir" jsonschema:"default=./weir-data" jsonschema_description:"Directory of the certificate made at first start and of spilled data (data_dir/spill). Relative to this file."`
	Memory  Size              `yaml:"memory" jsonschema:"default=2GiB" jsonschema_description:"Memory for the whole process; what doesn't fit is spilled."`
	Users   []User            `yaml:"users" jsonschema_description:"Who may log in."`
	Login   Login             `yaml:"login" jsonschema_description:"Where users come from that are not listed here: OpenID providers and an LDAP directory. Their passwords and tokens are asked for over TLS only."`
	Sources map[string]Source `yaml:"sources" jsonschema_description:"The systems to read; each is a database of that name."`
	State   State             `yaml:"state" jsonschema_description:"Where accounts made by SQL, and what has been granted, are kept."`
	Log     Log               `yaml:"log" jsonschema_description:"Logs go to standard error."`
	TLS     TLS               `yaml:"tls" jsonschema_description:"Certificate of the MySQL protocol; without one, a self-signed one is made at first start."`
	Limits  Limits            `yaml:"limits" jsonschema_description:"Bounds for all users."`
	Policy  string            `yaml:"policy" jsonschema_description:"File that says who sees what: tags, row filters, masks. Relative to this file; without one all users see all."`
	Lineage Lineage           `yaml:"lineage" jsonschema_description:"Where statements' lineage is told as OpenLineage events; without file and url it isn't."`
	Audit   Audit             `yaml:"audit" jsonschema_description:"The record of statements, logins and changes; 'off' for none."`

	// Policies is the content of the file Policy; nil without one.
	Policies *Policies `yaml:"-"`

	file    string
	lines   map[string]position
	secrets []string
}

// User is an account.
type User struct {
	Name     string   `yaml:"name" jsonschema:"required" jsonschema_description:"Login name, up to 32 characters."`
	Password Secret   `yaml:"password" jsonschema_description:"Password; best as ${env:NAME} or ${file:PATH}."`
	Roles    []string `yaml:"roles" jsonschema_description:"Roles that the user holds."`
	// Require is what the connection must be like, beside the password.
	Require string `yaml:"require" jsonschema:"enum=ssl,enum=x509" jsonschema_description:"ssl: the user logs in over TLS only. x509: with a certificate signed by tls.client_ca only; a password is then not needed."`
	Subject string `yaml:"subject" jsonschema_description:"The subject of that certificate, such as /C=SE/O=Example/CN=ana."`
	Issuer  string `yaml:"issuer" jsonschema_description:"The issuer of that certificate, written likewise."`
	// Attributes are compared with by policies.
	Attributes map[string]string `yaml:"attributes" jsonschema_description:"What is known of the user beyond that, such as a region; policies compare with it by attr('name')."`
}

// State says where what must survive a restart is kept: accounts made by SQL, and what has been granted.
type State struct {
	DSN Secret `yaml:"dsn" jsonschema_description:"A PostgreSQL database, which servers may share, such as postgres://weir@host/weir?sslmode=verify-full; without it, the file data_dir/state.db. Best as ${env:NAME} or ${file:PATH}."`
}

// Log says how logs are written.
type Log struct {
	Format string `yaml:"format" jsonschema:"default=text,enum=text,enum=json" jsonschema_description:"text or json."`
	Level  string `yaml:"level" jsonschema:"default=info,enum=debug,enum=info,enum=warn,enum=error" jsonschema_description:"The least level that is written."`
}

// TLS names a certificate and its key, both PEM files, and says what clients must do.
type TLS struct {
	Cert string `yaml:"cert" jsonschema_description:"PEM file of the certificate chain. Relative to this file."`
	Key  string `yaml:"key" jsonschema_description:"PEM file of the private key. Relative to this file."`
	// ClientCA is the file of those who sign the certificates of clients.
	ClientCA               string `yaml:"client_ca" jsonschema_description:"PEM file of the authorities that sign the certificates of clients; a certificate of another is refused. Relative to this file."`
	RequireSecureTransport bool   `yaml:"require_secure_transport" jsonschema_description:"Refuse logins without TLS."`
}

// Limits bound what all users together, or one statement, may take.
type Limits struct {
	MaxConnections   int      `yaml:"max_connections" jsonschema:"default=512,minimum=1" jsonschema_description:"Client connections at once."`
	MaxExecutionTime Duration `yaml:"max_execution_time" jsonschema:"default=0s" jsonschema_description:"The longest time that a statement may run, whatever limit its session or its hint sets; 0s is any."`
}

// Default is the configuration of an empty file.
func Default() *Config {
	return &Config{
		Listen: "127.0.0.1:3306", HTTP: "127.0.0.1:8306", DataDir: "weir-data", Memory: 2 << 30,
		Log:    Log{Format: "text", Level: "info"},
		Limits: Limits{MaxConnections: 512}, Lineage: defaultLineage,
		Login: Login{LDAP: LDAP{UserAttribute: "uid", Groups: LDAPGroups{Attribute: "cn"}, Session: Duration(12 * time.Hour), Timeout: Duration(5 * time.Second)}},
		Audit: defaultAudit(),
	}
}

// Load reads and validates a file. Its error is Problems when the file can be read but is wrong.
func Load(path string) (*Config, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	return Parse(data, path, sources.Kinds())
}

// Parse decodes and validates the text of a file against the given kinds of sources. Relative paths in it are taken from the file's directory.
func Parse(data []byte, file string, kinds []sources.Kind) (*Config, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, Problems{{File: file, Text: strings.TrimPrefix(err.Error(), "yaml: ")}}
	}
	cfg := Default()
	cfg.file = file
	d := &decoder{file: file, dir: filepath.Dir(file), kinds: kinds, lines: map[string]position{}}
	if len(doc.Content) > 0 {
		d.value(doc.Content[0], valueOf(cfg), "")
	}
	cfg.lines, cfg.secrets = d.lines, d.secrets
	for _, p := range []*string{&cfg.DataDir, &cfg.TLS.Cert, &cfg.TLS.Key, &cfg.TLS.ClientCA, &cfg.Policy, &cfg.Lineage.File, &cfg.Audit.Path} {
		*p = d.path(*p)
	}
	cfg.Login.paths(d)
	cfg.secrets = append(cfg.secrets, string(cfg.Login.LDAP.Search.Password))
	cfg.secrets = append(cfg.secrets, string(cfg.Lineage.APIKey))
	cfg.secrets = append(cfg.secrets, string(cfg.State.DSN))
	for _, u := range cfg.Users {
		cfg.secrets = append(cfg.secrets, string(u.Password))
	}
	if cfg.Audit.Path == "" {
		cfg.Audit.Path = filepath.Join(cfg.DataDir, "audit")
	}
	for _, k := range append([]Secret{cfg.Audit.Key}, cfg.Audit.OldKeys...) {
		cfg.secrets = append(cfg.secrets, string(k))
	}
	cfg.validate(d)
	cfg.loadPolicies(d)
	cfg.secrets = append(cfg.secrets, d.secrets...)
	if len(d.problems) > 0 {
		slices.SortStableFunc(d.problems, func(a, b Problem) int { return a.Line - b.Line })
		return nil, d.problems
	}
	return cfg, nil
}

// File is the file that the configuration was read from.
func (c *Config) File() string { return c.file }

// SourceNames are the names of the sources in order.
func (c *Config) SourceNames() []string {
	names := make([]string, 0, len(c.Sources))
	for n := range c.Sources {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// At turns an error about the value at a path such as "sources.erp" into a Problem with its line.
func (c *Config) At(path string, err error) Problem {
	pos := c.lines[path]
	return Problem{File: c.file, Line: pos.line, Column: pos.column, Path: path, Text: c.Redact(err.Error())}
}

// Redact removes the configuration's secrets from a text, for messages of libraries that quote what they were given.
func (c *Config) Redact(text string) string {
	for _, s := range c.secrets {
		if len(s) >= 4 { // a shorter one would tear ordinary words apart
			text = strings.ReplaceAll(text, s, redacted)
		}
	}
	return text
}

// String is the configuration without its secrets.
func (c *Config) String() string {
	out, err := yaml.Marshal(c)
	if err != nil {
		return "configuration of " + c.file
	}
	return string(out)
}

// LogValue names the file only.
func (c *Config) LogValue() slog.Value { return slog.StringValue(c.file) }
