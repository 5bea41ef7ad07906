package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"weir/catalog/config"
	"weir/policy/account"
	"weir/server/login"
)

// loginOf makes the configured ways to log in besides passwords of accounts; nil is none. An error is told with its line.
func loginOf(cfg *config.Config) (*login.Methods, error) {
	if !cfg.Login.Any() {
		return nil, nil
	}
	var c login.Config
	for _, o := range cfg.Login.OIDC {
		c.OIDC = append(c.OIDC, login.OIDC{Issuer: o.Issuer, Audience: o.Audience, JWKS: o.JWKS, CA: o.CA, Algorithms: o.Algorithms, UserClaim: o.UserClaim,
			RolesClaim: o.RolesClaim, Roles: o.Roles, DefaultRoles: o.DefaultRoles, Attributes: o.Attributes, ReadsAll: o.ReadsAll})
	}
	if l := cfg.Login.LDAP; l.URL != "" {
		c.LDAP = &login.LDAP{URL: l.URL, StartTLS: l.StartTLS, CA: l.CA, BindDN: l.BindDN,
			Search:        login.Search{BindDN: l.Search.BindDN, Password: string(l.Search.Password), Base: l.Search.Base, Filter: l.Search.Filter},
			UserAttribute: l.UserAttribute, Groups: login.Groups{Base: l.Groups.Base, Filter: l.Groups.Filter, Attribute: l.Groups.Attribute},
			Roles: l.Roles, DefaultRoles: l.DefaultRoles, Attributes: l.Attributes, ReadsAll: l.ReadsAll,
			Session: time.Duration(l.Session), Timeout: time.Duration(l.Timeout)}
	}
	m, err := login.New(c)
	if err != nil {
		path := "login"
		var wrong *login.ConfigError
		if errors.As(err, &wrong) {
			path, err = "login."+wrong.Key, wrong.Err
		}
		return nil, config.Problems{cfg.At(path, err)}
	}
	return m, nil
}

// requireOf is what an account of the file demands of its connections.
func requireOf(u config.User) account.Require {
	return account.Require{SSL: u.Require == "ssl", X509: u.Require == "x509", Subject: u.Subject, Issuer: u.Issuer}
}

// checkLogin reaches those who would be asked about logins, prints what was found, and returns how many of them can't be asked.
func checkLogin(ctx context.Context, cfg *config.Config, out io.Writer, timeout time.Duration) (failed int, err error) {
	m, err := loginOf(cfg)
	if m == nil || err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	for _, f := range m.Check(ctx) {
		if f.Err != nil {
			failed++
			fmt.Fprintf(out, "\nlogin by %s: FAILED\n  %s\n", f.What, cfg.At("login."+f.Key, f.Err))
		} else {
			fmt.Fprintf(out, "\nlogin by %s: %s\n", f.What, f.Detail)
		}
	}
	return failed, nil
}
