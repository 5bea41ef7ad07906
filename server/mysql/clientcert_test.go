package mysql

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"testing"
)

// The lines are those of `openssl x509 -noout -subject -nameopt compat`, but for the slash and the backslash.
func TestOneLine(t *testing.T) {
	type part = pkix.AttributeTypeAndValue
	oid := func(n ...int) asn1.ObjectIdentifier { return n }
	cn, o := oid(2, 5, 4, 3), oid(2, 5, 4, 10)
	for want, name := range map[string]pkix.RDNSequence{
		"": nil,
		"/C=SE/O=Example/UID=x/DC=test/emailAddress=a@b/serialNumber=5/GN=g/SN=s/title=t/CN=ana": {
			{part{Type: oid(2, 5, 4, 6), Value: "SE"}}, {part{Type: o, Value: "Example"}}, {part{Type: oid(0, 9, 2342, 19200300, 100, 1, 1), Value: "x"}},
			{part{Type: oid(0, 9, 2342, 19200300, 100, 1, 25), Value: "test"}}, {part{Type: oid(1, 2, 840, 113549, 1, 9, 1), Value: "a@b"}},
			{part{Type: oid(2, 5, 4, 5), Value: "5"}}, {part{Type: oid(2, 5, 4, 42), Value: "g"}}, {part{Type: oid(2, 5, 4, 4), Value: "s"}},
			{part{Type: oid(2, 5, 4, 12), Value: "t"}}, {part{Type: cn, Value: "ana"}}},
		`/CN=\xC3\xA9tl`:               {{part{Type: cn, Value: "étl"}}},
		`/CN=x\x2FO=Example\x2FCN=etl`: {{part{Type: cn, Value: "x/O=Example/CN=etl"}}},
		`/CN=a\x5Cx2FCN=b`:             {{part{Type: cn, Value: `a\x2FCN=b`}}},
		"/1.2.3=v":                     {{part{Type: oid(1, 2, 3), Value: "v"}}},
	} {
		der, err := asn1.Marshal(name)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := oneLine(der); !ok || got != want {
			t.Errorf("%q, %v; want %q", got, ok, want)
		}
	}
	number, err := asn1.Marshal(pkix.RDNSequence{{part{Type: cn, Value: 5}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, der := range [][]byte{nil, {0x30}, {0x30, 0, 0}, number} {
		if got, ok := oneLine(der); ok {
			t.Errorf("%x is %q", der, got)
		}
	}
}
