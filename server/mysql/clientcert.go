package mysql

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"os"
	"strings"

	"weir/policy/account"
)

// LoadClientCA reads the authorities that sign clients' certificates from a PEM file.
func LoadClientCA(file string) (*x509.CertPool, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading the authorities of clients' certificates: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(data) {
		return nil, errors.New("there is no certificate in " + file)
	}
	return pool, nil
}

// trustClients is a server's TLS configuration that takes certificates of clients, if they are signed by one of these authorities.
func trustClients(cfg *tls.Config, authorities *x509.CertPool) *tls.Config {
	cfg = cfg.Clone()
	cfg.ClientCAs = authorities
	cfg.ClientAuth = tls.VerifyClientCertIfGiven
	// A resumed session would bring a certificate that was looked at another day.
	cfg.SessionTicketsDisabled = true
	return cfg
}

// meets reports whether a connection is what an account demands. state is nil without TLS.
func meets(r account.Require, state *tls.ConnectionState) bool {
	if !r.Certificate() {
		return !r.SSL || state != nil
	}
	if state == nil || len(state.VerifiedChains) == 0 || len(state.PeerCertificates) == 0 {
		return false
	}
	leaf := state.PeerCertificates[0]
	return named(leaf.RawSubject, r.Subject) && named(leaf.RawIssuer, r.Issuer)
}

// named compares a name of a certificate with one that is demanded; empty is any.
func named(der []byte, want string) bool {
	if want == "" {
		return true
	}
	line, ok := oneLine(der)
	return ok && line == want
}

// attributeNames are the short names of the parts of a name, as OpenSSL prints them.
var attributeNames = map[string]string{
	"2.5.4.3": "CN", "2.5.4.4": "SN", "2.5.4.5": "serialNumber", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "ST", "2.5.4.9": "street", "2.5.4.10": "O",
	"2.5.4.11": "OU", "2.5.4.12": "title", "2.5.4.13": "description", "2.5.4.17": "postalCode", "2.5.4.42": "GN", "2.5.4.43": "initials",
	"2.5.4.46": "dnQualifier", "1.2.840.113549.1.9.1": "emailAddress", "0.9.2342.19200300.100.1.1": "UID", "0.9.2342.19200300.100.1.25": "DC",
}

// oneLine writes a certificate's name as REQUIRE SUBJECT takes it: /C=SE/O=Example/CN=ana, in the certificate's order. Unlike OpenSSL, it writes a slash
// and a backslash inside a value as \x2F and \x5C, so that a value can't look like another part of the name.
func oneLine(der []byte) (string, bool) {
	var name pkix.RDNSequence
	if rest, err := asn1.Unmarshal(der, &name); err != nil || len(rest) > 0 {
		return "", false
	}
	var out strings.Builder
	for _, set := range name {
		for _, part := range set {
			value, ok := part.Value.(string)
			if !ok {
				return "", false
			}
			key := part.Type.String()
			if short, known := attributeNames[key]; known {
				key = short
			}
			out.WriteString("/" + key + "=")
			for _, b := range []byte(value) {
				if b < ' ' || b > '~' || b == '/' || b == '\\' {
					fmt.Fprintf(&out, `\x%02X`, b)
				} else {
					out.WriteByte(b)
				}
			}
		}
	}
	return out.String(), true
}
