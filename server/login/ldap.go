package login

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"
)

const (
	ldapTimeout = 5 * time.Second
	// ldapBinds is how many logins ask the directory at once; others wait within their time.
	ldapBinds = 8
	// ldapGroups is the most groups that are read of one user.
	ldapGroups = 1000
)

// directory checks passwords by binding as the user. Each login has a connection of its own: a bind changes who a connection is.
type directory struct {
	cfg  LDAP
	host string // with port
	tls  *tls.Config
	busy chan struct{}
}

func newDirectory(cfg LDAP) (*directory, error) {
	u, err := url.Parse(cfg.URL)
	if err != nil || u.Hostname() == "" || u.Scheme != "ldaps" && u.Scheme != "ldap" {
		return nil, errors.New("url is no address; write it like ldaps://ldap.example.com")
	}
	switch {
	case u.Scheme == "ldap" && !cfg.StartTLS:
		return nil, errors.New("passwords must not be sent in clear: use ldaps://, or set start_tls")
	case u.Scheme == "ldaps" && cfg.StartTLS:
		return nil, errors.New("ldaps:// is TLS from the beginning; start_tls is for ldap://")
	case (cfg.BindDN == "") == (cfg.Search.Base == ""):
		return nil, errors.New("give either bind_dn, or search with base and filter")
	case cfg.BindDN != "" && !strings.Contains(cfg.BindDN, "{user}"):
		return nil, errors.New("bind_dn must have {user} in it")
	case cfg.BindDN != "" && !isDN(strings.ReplaceAll(cfg.BindDN, "{user}", "x")):
		return nil, errors.New("bind_dn is no distinguished name; where users bind by another name, use search")
	case cfg.Search.Base != "" && !strings.Contains(cfg.Search.Filter, "{user}"):
		return nil, errors.New("search.filter must have {user} in it")
	case (cfg.Search.BindDN == "") != (cfg.Search.Password == ""):
		return nil, errors.New("search.bind_dn and search.password go together") // a bind without a password would be anonymous
	case (cfg.Groups.Base == "") != (cfg.Groups.Filter == ""):
		return nil, errors.New("groups.base and groups.filter go together")
	case cfg.Groups.Filter != "" && !strings.Contains(cfg.Groups.Filter, "{dn}") && !strings.Contains(cfg.Groups.Filter, "{user}"):
		return nil, errors.New("groups.filter must have {dn} or {user} in it") // it would find the same groups for everybody
	}
	d := &directory{cfg: cfg, host: u.Host, busy: make(chan struct{}, ldapBinds)}
	for name, filter := range map[string]string{"search.filter": cfg.Search.Filter, "groups.filter": cfg.Groups.Filter} {
		if filter == "" {
			continue
		}
		if _, err := ldap.CompileFilter(fill(filter, "x", "cn=x")); err != nil {
			return nil, fmt.Errorf("%s is no LDAP filter", name)
		}
	}
	if u.Port() == "" {
		d.host = net.JoinHostPort(u.Hostname(), map[string]string{"ldap": ldap.DefaultLdapPort, "ldaps": ldap.DefaultLdapsPort}[u.Scheme])
	}
	if d.cfg.UserAttribute == "" {
		d.cfg.UserAttribute = "uid"
	}
	if d.cfg.Groups.Attribute == "" {
		d.cfg.Groups.Attribute = "cn"
	}
	if d.cfg.Timeout <= 0 {
		d.cfg.Timeout = ldapTimeout
	}
	roots, err := loadCA(cfg.CA)
	if err != nil {
		return nil, err
	}
	d.tls = &tls.Config{ServerName: u.Hostname(), RootCAs: roots, MinVersion: tls.VersionTLS12}
	return d, nil
}

func isDN(s string) bool {
	_, err := ldap.ParseDN(s)
	return err == nil
}

// fill puts a user and their distinguished name into a filter.
func fill(filter, user, dn string) string {
	return strings.NewReplacer("{user}", ldap.EscapeFilter(user), "{dn}", ldap.EscapeFilter(dn)).Replace(filter)
}

// login binds as the user and reads who that is.
func (d *directory) login(ctx context.Context, user, password string) (Identity, error) {
	ctx, cancel := context.WithTimeout(ctx, d.cfg.Timeout)
	defer cancel()
	select {
	case d.busy <- struct{}{}:
		defer func() { <-d.busy }()
	case <-ctx.Done():
		return Identity{}, unavailable("too many logins at once")
	}
	conn, err := d.connect(ctx)
	if err != nil {
		return Identity{}, err
	}
	defer conn.Close()

	dn := strings.ReplaceAll(d.cfg.BindDN, "{user}", ldap.EscapeDN(user))
	var entry *ldap.Entry
	if d.cfg.Search.Base != "" {
		if err := d.service(conn); err != nil {
			return Identity{}, err
		}
		if entry, err = d.entry(conn, d.cfg.Search.Base, ldap.ScopeWholeSubtree, fill(d.cfg.Search.Filter, user, "")); err != nil {
			return Identity{}, err
		}
		dn = entry.DN
	}
	if dn == "" { // a bind without a name is anonymous as well
		return Identity{}, denied("the directory's entry has no name")
	}
	if err := conn.Bind(dn, password); err != nil {
		return Identity{}, failed("binding as the user", err)
	}
	if entry == nil {
		if entry, err = d.entry(conn, dn, ldap.ScopeBaseObject, "(objectClass=*)"); err != nil {
			return Identity{}, err
		}
	} else if err := d.service(conn); err != nil { // who may see groups that their members may not
		return Identity{}, err
	}
	return d.identity(conn, user, entry)
}

// identity reads from the entry, and from the groups, what a user is here.
func (d *directory) identity(conn *ldap.Conn, user string, entry *ldap.Entry) (Identity, error) {
	id := Identity{Attributes: map[string]string{}, By: "directory " + d.host, ReadsAll: d.cfg.ReadsAll}
	for _, name := range entry.GetEqualFoldAttributeValues(d.cfg.UserAttribute) {
		if name == user || id.Name == "" && strings.EqualFold(name, user) {
			id.Name = name
		}
	}
	if !plainName(id.Name) {
		return Identity{}, denied("the attribute %s of the directory's entry is not the login name", d.cfg.UserAttribute)
	}
	if d.cfg.Session > 0 {
		id.Expires = time.Now().Add(d.cfg.Session)
	}
	for name, attribute := range d.cfg.Attributes {
		if v := entry.GetEqualFoldAttributeValues(attribute); len(v) == 1 {
			id.Attributes[name] = v[0]
		}
	}
	groups, err := d.groups(conn, id.Name, entry.DN)
	if err != nil {
		return Identity{}, err
	}
	if id.Roles = mapped(d.cfg.Roles, groups, d.cfg.DefaultRoles, strings.EqualFold); len(id.Roles) == 0 {
		return Identity{}, denied("the user's groups give no role")
	}
	return id, nil
}

// connect opens a connection with TLS. Its deadline is the context's.
func (d *directory) connect(ctx context.Context) (*ldap.Conn, error) {
	raw, err := (&net.Dialer{}).DialContext(ctx, "tcp", d.host)
	if err != nil {
		return nil, failed("connecting", err)
	}
	end, _ := ctx.Deadline()
	if err := raw.SetDeadline(end); err != nil {
		raw.Close()
		return nil, failed("connecting", err)
	}
	if d.cfg.StartTLS {
		conn := ldap.NewConn(raw, false)
		conn.SetTimeout(time.Until(end))
		conn.Start()
		if err := conn.StartTLS(d.tls); err != nil {
			conn.Close()
			return nil, failed("starting TLS", err)
		}
		return conn, nil
	}
	secure := tls.Client(raw, d.tls)
	if err := secure.HandshakeContext(ctx); err != nil {
		raw.Close()
		return nil, failed("starting TLS", err)
	}
	conn := ldap.NewConn(secure, true)
	conn.SetTimeout(time.Until(end))
	conn.Start()
	return conn, nil
}

// service makes the connection that of the account that searches.
func (d *directory) service(conn *ldap.Conn) error {
	var err error
	if d.cfg.Search.BindDN == "" {
		err = conn.UnauthenticatedBind("")
	} else {
		err = conn.Bind(d.cfg.Search.BindDN, d.cfg.Search.Password)
	}
	if err != nil {
		return unavailable("binding as the account that searches: %s", why(err))
	}
	return nil
}

// entry reads the one entry that a search finds.
func (d *directory) entry(conn *ldap.Conn, base string, scope int, filter string) (*ldap.Entry, error) {
	attributes := []string{d.cfg.UserAttribute}
	for _, a := range d.cfg.Attributes {
		attributes = append(attributes, a)
	}
	slices.Sort(attributes)
	// Aliases are not followed, and references to other servers, which the library hands back, are not either.
	found, err := conn.Search(ldap.NewSearchRequest(base, scope, ldap.NeverDerefAliases, 2, 0, false, filter, slices.Compact(attributes), nil))
	switch {
	case ldap.IsErrorWithCode(err, ldap.LDAPResultSizeLimitExceeded) || err == nil && len(found.Entries) > 1:
		return nil, denied("more than one entry of the directory has the name")
	case err != nil:
		return nil, failed("looking for the user", err)
	case len(found.Entries) == 0:
		return nil, denied("the directory doesn't know the name")
	}
	return found.Entries[0], nil
}

// groups are the names of the user's groups.
func (d *directory) groups(conn *ldap.Conn, user, dn string) ([]string, error) {
	g := d.cfg.Groups
	if g.Base == "" {
		return nil, nil
	}
	found, err := conn.Search(ldap.NewSearchRequest(g.Base, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, ldapGroups, 0, false,
		fill(g.Filter, user, dn), []string{g.Attribute}, nil))
	if err != nil {
		return nil, failed("looking for the user's groups", err)
	}
	var names []string
	for _, e := range found.Entries {
		names = append(names, e.GetEqualFoldAttributeValues(g.Attribute)...)
	}
	return names, nil
}

// failed tells a no of the directory from its absence.
func failed(doing string, err error) error {
	for _, code := range []uint16{ldap.LDAPResultInvalidCredentials, ldap.LDAPResultNoSuchObject, ldap.LDAPResultInvalidDNSyntax, ldap.LDAPResultInsufficientAccessRights,
		ldap.LDAPResultUnwillingToPerform, ldap.LDAPResultConstraintViolation, ldap.LDAPResultInappropriateAuthentication, ldap.LDAPResultReferral, ldap.ErrorEmptyPassword} {
		if ldap.IsErrorWithCode(err, code) {
			return denied("%s: %s", doing, why(err))
		}
	}
	return unavailable("%s: %s", doing, why(err))
}

// why is an error without what the directory wrote, which might quote what it was given.
func why(err error) string {
	var e *ldap.Error
	if !errors.As(err, &e) {
		return err.Error()
	}
	if e.ResultCode == ldap.ErrorNetwork && e.Err != nil {
		return e.Err.Error()
	}
	return ldap.LDAPResultCodeMap[e.ResultCode]
}
