package config

import (
	"fmt"
	"slices"
	"strings"
)

// Login says where users come from that don't stand under users.
type Login struct {
	OIDC []OIDC `yaml:"oidc" jsonschema_description:"OpenID providers whose tokens are taken for passwords."`
	LDAP LDAP   `yaml:"ldap" jsonschema_description:"A directory that checks passwords."`
}

// OIDC is an OpenID provider.
type OIDC struct {
	Issuer       string            `yaml:"issuer" jsonschema:"required" jsonschema_description:"The claim iss of its tokens."`
	Audience     string            `yaml:"audience" jsonschema:"required" jsonschema_description:"What the claim aud of a token must name."`
	JWKS         string            `yaml:"jwks" jsonschema:"required" jsonschema_description:"Its public keys: an https address, or a file. Relative to this file."`
	CA           string            `yaml:"ca" jsonschema_description:"PEM file of the authorities to trust at that address; the system's if not given. Relative to this file."`
	Algorithms   []string          `yaml:"algorithms" jsonschema_description:"With which its tokens may be signed; every one that has a public key if not given."`
	UserClaim    string            `yaml:"user_claim" jsonschema:"default=sub" jsonschema_description:"The claim that must be the login name."`
	RolesClaim   string            `yaml:"roles_claim" jsonschema_description:"The claim from which roles follow; a path of names with dots between."`
	Roles        map[string]string `yaml:"roles" jsonschema_description:"The role that each value of that claim gives; other values give none."`
	DefaultRoles []string          `yaml:"default_roles" jsonschema_description:"Roles of everybody who logs in by this provider."`
	Attributes   map[string]string `yaml:"attributes" jsonschema_description:"Attributes for policies, each from a claim."`
	ReadsAll     bool              `yaml:"reads_all" jsonschema_description:"These users may read every table, as far as policies let; otherwise what has been granted to their roles."`
}

// LDAP is a directory.
type LDAP struct {
	URL           string            `yaml:"url" jsonschema:"required" jsonschema_description:"ldaps://host:port, or ldap://host:port with start_tls."`
	StartTLS      bool              `yaml:"start_tls" jsonschema_description:"Change to TLS before anything is sent."`
	CA            string            `yaml:"ca" jsonschema_description:"PEM file of the authorities to trust; the system's if not given. Relative to this file."`
	BindDN        string            `yaml:"bind_dn" jsonschema_description:"The distinguished name of a user, with {user} in it. Or give search."`
	Search        LDAPSearch        `yaml:"search" jsonschema_description:"How to find the entry of a user."`
	UserAttribute string            `yaml:"user_attribute" jsonschema:"default=uid" jsonschema_description:"The attribute that spells the name of a user."`
	Groups        LDAPGroups        `yaml:"groups" jsonschema_description:"How to find the groups of a user."`
	Roles         map[string]string `yaml:"roles" jsonschema_description:"The role that each group gives; other groups give none."`
	DefaultRoles  []string          `yaml:"default_roles" jsonschema_description:"Roles of everybody who logs in by this directory."`
	Attributes    map[string]string `yaml:"attributes" jsonschema_description:"Attributes for policies, each from an attribute of the entry."`
	ReadsAll      bool              `yaml:"reads_all" jsonschema_description:"These users may read every table, as far as policies let; otherwise what has been granted to their roles."`
	Session       Duration          `yaml:"session" jsonschema:"default=12h" jsonschema_description:"How long a login lasts; then the connection is closed. 0s is without end."`
	Timeout       Duration          `yaml:"timeout" jsonschema:"default=5s" jsonschema_description:"For all that one login asks of the directory."`
}

// LDAPSearch finds a user's entry.
type LDAPSearch struct {
	BindDN   string `yaml:"bind_dn" jsonschema_description:"The account that searches; anonymous if not given."`
	Password Secret `yaml:"password" jsonschema_description:"Its password; best as ${env:NAME} or ${file:PATH}."`
	Base     string `yaml:"base" jsonschema_description:"Where users are, with all below."`
	Filter   string `yaml:"filter" jsonschema_description:"Which entry is the user's, with {user} in it, such as (uid={user})."`
}

// LDAPGroups finds a user's groups.
type LDAPGroups struct {
	Base      string `yaml:"base" jsonschema_description:"Where groups are, with all below."`
	Filter    string `yaml:"filter" jsonschema_description:"Which groups are the user's, with {dn} or {user} in it, such as (member={dn})."`
	Attribute string `yaml:"attribute" jsonschema:"default=cn" jsonschema_description:"The attribute that names a group."`
}

// Any reports whether there is a way to log in besides the users of the file.
func (l Login) Any() bool { return len(l.OIDC) > 0 || l.LDAP.URL != "" }

// Roles are all roles that a login may give, in order.
func (l Login) Roles() []string {
	roles := slices.Clone(l.LDAP.DefaultRoles)
	for _, r := range l.LDAP.Roles {
		roles = append(roles, r)
	}
	for _, o := range l.OIDC {
		roles = append(roles, o.DefaultRoles...)
		for _, r := range o.Roles {
			roles = append(roles, r)
		}
	}
	slices.Sort(roles)
	return slices.Compact(roles)
}

// paths makes the section's file names those from the working directory.
func (l *Login) paths(d *decoder) {
	l.LDAP.CA = d.path(l.LDAP.CA)
	for i := range l.OIDC {
		o := &l.OIDC[i]
		o.CA = d.path(o.CA)
		if !strings.Contains(o.JWKS, "://") {
			o.JWKS = d.path(o.JWKS)
		}
	}
}

func (c *Config) validateLogin(d *decoder) {
	need := func(path, key, value string) {
		if value == "" {
			d.problemAt(path, "the key %s is missing", key)
		}
	}
	roles := func(path string, mapped map[string]string, everybody []string) {
		if len(mapped)+len(everybody) == 0 {
			d.problemAt(path, "there is no role to get, and whoever gets none is refused; give roles or default_roles")
		}
		for name, role := range mapped {
			if role == "" {
				d.problemAt(path+".roles."+name, "the role is empty")
			}
		}
		if slices.Contains(everybody, "") {
			d.problemAt(path+".default_roles", "a role is empty")
		}
	}
	for i, o := range c.Login.OIDC {
		path := fmt.Sprintf("login.oidc[%d]", i)
		need(path, "issuer", o.Issuer)
		need(path, "audience", o.Audience)
		need(path, "jwks", o.JWKS)
		if len(o.Roles) > 0 && o.RolesClaim == "" {
			d.problemAt(path+".roles", "the key roles_claim is missing: it says from which claim roles follow")
		}
		roles(path, o.Roles, o.DefaultRoles)
	}
	if _, given := d.lines["login.ldap"]; given {
		l := c.Login.LDAP
		need("login.ldap", "url", l.URL)
		if len(l.Roles) > 0 && l.Groups.Base == "" {
			d.problemAt("login.ldap.roles", "the key groups is missing: it says how to find the groups of a user")
		}
		roles("login.ldap", l.Roles, l.DefaultRoles)
		if l.Session < 0 || l.Timeout < 0 {
			d.problemAt("login.ldap", "session and timeout must not be negative")
		}
	}
}

// validateRequire looks at what a user's connections must be like.
func (c *Config) validateRequire(d *decoder, path string, u User) {
	switch u.Require {
	case "", "ssl", "x509":
	default:
		d.problemAt(path+".require", "%q is none of ssl, x509", u.Require)
	}
	if u.Require != "x509" && (u.Subject != "" || u.Issuer != "") {
		d.problemAt(path, "subject and issuer are of a certificate; set require: x509")
	}
	if u.Require == "x509" && c.TLS.ClientCA == "" {
		d.problemAt(path+".require", "no certificate can be checked without tls.client_ca")
	}
	if u.Password == "" && u.Require != "x509" {
		d.problemAt(path, "the password is missing or empty")
	}
}
