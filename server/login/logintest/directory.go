package logintest

import (
	"crypto/tls"
	"crypto/x509/pkix"
	"encoding/hex"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/jimlambrt/gldap"
)

// Entry is one of a directory.
type Entry struct {
	DN, Password string
	Attributes   map[string][]string
}

// Directory is an LDAP server. As real ones do, it takes a bind without a password for a good anonymous one, compares without case, and lets
// nobody search who hasn't bound with a password.
type Directory struct {
	Host      string // with port
	Authority *Authority

	t       testing.TB
	entries []Entry

	mu    sync.Mutex
	bound map[int]string // by connection

	binds, filters []string
	slow           time.Duration
	busy, busiest  int // binds under way; the most of them at once
}

// NewDirectory starts a directory that speaks TLS from the beginning, or after StartTLS.
func NewDirectory(t testing.TB, startTLS bool, entries ...Entry) *Directory {
	t.Helper()
	d := &Directory{t: t, entries: entries, bound: map[int]string{}, Authority: NewAuthority(t, pkix.Name{CommonName: "authority of the directory"})}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d.Host = l.Addr().String()
	l.Close() // the server opens it again
	secure := &tls.Config{Certificates: []tls.Certificate{d.Authority.Server()}}
	server, err := gldap.NewServer(gldap.WithLogger(hclog.NewNullLogger()))
	if err != nil {
		t.Fatal(err)
	}
	mux, err := gldap.NewMux()
	if err != nil {
		t.Fatal(err)
	}
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	must(mux.Bind(d.bind))
	must(mux.Search(d.search))
	must(mux.ExtendedOperation(func(w *gldap.ResponseWriter, r *gldap.Request) {
		answer := r.NewExtendedResponse(gldap.WithResponseCode(gldap.ResultSuccess))
		answer.SetResponseName(gldap.ExtendedOperationStartTLS)
		_ = w.Write(answer)
		_ = r.StartTLS(secure)
	}, gldap.ExtendedOperationStartTLS))
	must(server.Router(mux))
	var options []gldap.Option
	if !startTLS {
		options = append(options, gldap.WithTLSConfig(secure))
	}
	done := make(chan error, 1)
	go func() { done <- server.Run(d.Host, options...) }()
	for !server.Ready() {
		time.Sleep(time.Millisecond)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Errorf("stopping the directory: %v", err)
		}
		if err := <-done; err != nil {
			t.Logf("the directory ended: %v", err)
		}
	})
	return d
}

// Slow makes every answer wait.
func (d *Directory) Slow(wait time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.slow = wait
}

// Busiest is how many binds there were at once.
func (d *Directory) Busiest() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.busiest
}

// Binds are the names that binds were tried with, in order.
func (d *Directory) Binds() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.binds)
}

// Filters are the filters of searches, in order.
func (d *Directory) Filters() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.filters)
}

func (d *Directory) wait() {
	d.mu.Lock()
	slow := d.slow
	d.mu.Unlock()
	time.Sleep(slow)
}

func (d *Directory) count(by int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.busy += by
	d.busiest = max(d.busiest, d.busy)
}

func (d *Directory) bind(w *gldap.ResponseWriter, r *gldap.Request) {
	d.count(1)
	d.wait()
	code := gldap.ResultInvalidCredentials
	who := ""
	if m, err := r.GetSimpleBindMessage(); err == nil {
		if m.Password == "" {
			code = gldap.ResultSuccess
		}
		for _, e := range d.entries {
			if m.Password != "" && strings.EqualFold(e.DN, m.UserName) && e.Password == string(m.Password) {
				code, who = gldap.ResultSuccess, e.DN
			}
		}
		d.mu.Lock()
		d.binds = append(d.binds, m.UserName)
		d.bound[r.ConnectionID()] = who
		d.mu.Unlock()
	}
	d.count(-1) // before the answer, after which another may begin
	_ = w.Write(r.NewBindResponse(gldap.WithResponseCode(code)))
}

func (d *Directory) search(w *gldap.ResponseWriter, r *gldap.Request) {
	d.wait()
	done := r.NewSearchDoneResponse(gldap.WithResponseCode(gldap.ResultSuccess))
	defer func() { _ = w.Write(done) }()
	m, err := r.GetSearchMessage()
	if err != nil {
		done.SetResultCode(gldap.ResultProtocolError)
		return
	}
	d.mu.Lock()
	who := d.bound[r.ConnectionID()]
	d.filters = append(d.filters, m.Filter)
	d.mu.Unlock()
	if who == "" {
		done.SetResultCode(gldap.ResultInsufficientAccessRights)
		return
	}
	for sent, e := int64(0), 0; e < len(d.entries); e++ {
		entry := d.entries[e]
		below := strings.HasSuffix(strings.ToLower(entry.DN), strings.ToLower(m.BaseDN))
		if m.Scope == gldap.BaseObject {
			below = strings.EqualFold(entry.DN, m.BaseDN)
		}
		if !below || !entry.matches(m.Filter) {
			continue
		}
		if sent++; m.SizeLimit > 0 && sent > m.SizeLimit {
			done.SetResultCode(gldap.ResultSizeLimitExceeded)
			return
		}
		attributes := map[string][]string{}
		for name, values := range entry.Attributes {
			if slices.ContainsFunc(m.Attributes, func(a string) bool { return strings.EqualFold(a, name) }) {
				attributes[name] = values
			}
		}
		_ = w.Write(r.NewSearchResponseEntry(entry.DN, gldap.WithAttributes(attributes)))
	}
}

// matches knows filters of one comparison, such as (uid=a\2a) or (uid=*).
func (e Entry) matches(filter string) bool {
	name, value, ok := strings.Cut(strings.Trim(filter, "()"), "=")
	if !ok {
		panic(fmt.Sprintf("the test's directory doesn't know the filter %s", filter))
	}
	if value == "*" {
		return strings.EqualFold(name, "objectClass") || len(e.Attributes[name]) > 0
	}
	plain := unescape(value)
	for attribute, values := range e.Attributes {
		if strings.EqualFold(attribute, name) && slices.ContainsFunc(values, func(v string) bool { return strings.EqualFold(v, plain) }) {
			return true
		}
	}
	return false
}

func unescape(s string) string {
	var out strings.Builder
	for len(s) > 0 {
		if s[0] == '\\' && len(s) >= 3 {
			if b, err := hex.DecodeString(s[1:3]); err == nil {
				out.Write(b)
				s = s[3:]
				continue
			}
		}
		out.WriteByte(s[0])
		s = s[1:]
	}
	return out.String()
}
