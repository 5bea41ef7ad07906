package config

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// MinMemory is the least memory that a server runs in.
const MinMemory = 64 << 20

// DefaultRefresh is the age at which a source's list of tables is read again.
const DefaultRefresh = Duration(5 * time.Minute)

// Reserved are the names of databases that MySQL clients look into by name, and of Weir's own, so that no source may take them.
var Reserved = []string{"information_schema", "mysql", "performance_schema", "sys", "weir"}

// validate reports what decoding by type can't see.
func (c *Config) validate(d *decoder) {
	address(d, "listen", c.Listen)
	if c.HTTP != "off" {
		address(d, "http", c.HTTP)
	}
	if c.DataDir == "" {
		d.problemAt("data_dir", "is empty")
	}
	if c.Memory < MinMemory {
		d.problemAt("memory", "%s is too little; the least is %s", c.Memory, Size(MinMemory))
	}
	c.Lineage.validate(d, c.Sources)
	c.validateUsers(d)
	c.validateLogin(d)
	c.validateSources(d)
	oneOf(d, "log.format", c.Log.Format, "text", "json")
	oneOf(d, "log.level", c.Log.Level, "debug", "info", "warn", "error")
	if (c.TLS.Cert == "") != (c.TLS.Key == "") {
		d.problemAt("tls", "cert and key go together; give both or neither")
	}
	if c.Limits.MaxConnections < 1 {
		d.problemAt("limits.max_connections", "must be at least 1")
	}
	c.validateAudit(d)
}

func (c *Config) validateUsers(d *decoder) {
	if len(c.Users) == 0 && !c.Login.Any() {
		d.problemAt("users", "there is none, so nobody could log in; add one like {name: me, password: \"${env:WEIR_PASSWORD}\", roles: [admin]}")
	}
	seen := map[string]bool{}
	for i, u := range c.Users {
		path := fmt.Sprintf("users[%d]", i)
		switch {
		case u.Name == "":
			d.problemAt(path, "the key name is missing")
		case utf8.RuneCountInString(u.Name) > 32:
			d.problemAt(path+".name", "longer than 32 characters")
		case seen[u.Name]:
			d.problemAt(path+".name", "user %q stands twice", u.Name)
		}
		seen[u.Name] = true
		c.validateRequire(d, path, u)
	}
}

func (c *Config) validateSources(d *decoder) {
	for _, name := range c.SourceNames() {
		path := "sources." + name
		switch {
		case name == "":
			d.problemAt(path, "a source needs a name")
		case utf8.RuneCountInString(name) > 64:
			d.problemAt(path, "the name is longer than 64 characters")
		case strings.HasSuffix(name, " ") || strings.ContainsRune(name, 0):
			d.problemAt(path, "a name must not end with a blank or hold a zero character")
		case slices.Contains(Reserved, strings.ToLower(name)):
			d.problemAt(path, "the name is taken by a system database; take another")
		}
		s := c.Sources[name]
		if s.Default != "" {
			oneOf(d, path+".default", s.Default, "allow", "deny")
		}
		if s.MaxConnections < 0 {
			d.problemAt(path+".max_connections", "must not be negative")
		}
		if s.Kind != "" && s.Refresh <= 0 {
			d.problemAt(path+".refresh", "must be more than 0s")
		}
	}
}

func address(d *decoder, path, addr string) {
	_, port, err := net.SplitHostPort(addr)
	if err == nil {
		var n int
		if n, err = strconv.Atoi(port); err == nil && n >= 0 && n <= 65535 {
			return
		}
	}
	d.problemAt(path, "%q is no address; write it like 127.0.0.1:3306", addr)
}

func oneOf(d *decoder, path, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		d.problemAt(path, "%q is none of %s", value, strings.Join(allowed, ", "))
	}
}
