package login

import (
	"context"
	"fmt"

	"github.com/go-ldap/ldap/v3"
)

// Finding is what Check learned of one way to log in.
type Finding struct {
	Key    string // as in ConfigError
	What   string // whom was asked
	Detail string // what was found, if Err is nil
	Err    error
}

// Check reaches everybody who would be asked, without a user's password: it reads the keys of each provider, and searches in the directory for a name that
// nobody has.
func (m *Methods) Check(ctx context.Context) []Finding {
	var out []Finding
	for i, p := range m.oidc {
		f := Finding{Key: fmt.Sprintf("oidc[%d]", i), What: "tokens of " + p.cfg.Issuer}
		keys, err := p.keys.load(ctx)
		if f.Err = err; err == nil {
			f.Detail = fmt.Sprintf("keys: %d", len(keys))
		}
		out = append(out, f)
	}
	if m.ldap != nil {
		f := Finding{Key: "ldap", What: "directory " + m.ldap.host}
		f.Detail, f.Err = m.ldap.check(ctx)
		out = append(out, f)
	}
	return out
}

func (d *directory) check(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, d.cfg.Timeout)
	defer cancel()
	conn, err := d.connect(ctx)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if d.cfg.Search.Base == "" {
		return "reached over TLS; names and groups show only when somebody logs in", nil
	}
	if err := d.service(conn); err != nil {
		return "", err
	}
	const nobody = "weir-check-nobody"
	searches := [][2]string{{d.cfg.Search.Base, fill(d.cfg.Search.Filter, nobody, "")}}
	if d.cfg.Groups.Base != "" {
		searches = append(searches, [2]string{d.cfg.Groups.Base, fill(d.cfg.Groups.Filter, nobody, "cn="+nobody)})
	}
	for _, search := range searches {
		base, filter := search[0], search[1]
		_, err := conn.Search(ldap.NewSearchRequest(base, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 1, 0, false, filter, []string{"1.1"}, nil))
		if err != nil {
			return "", fmt.Errorf("searching below %s: %s", base, why(err))
		}
	}
	return "reached over TLS; the account that searches may do so", nil
}
