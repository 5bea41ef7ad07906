package suggest

import (
	"strings"
	"testing"

	"weir/engine/rel"
)

var (
	text   = rel.VarCharType(100)
	number = rel.BigIntType
	day    = rel.DateType
)

func list(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "|")
}

func TestFor(t *testing.T) {
	for _, c := range []struct {
		table, name, comment string
		typ                  rel.Type
		values               string
		want                 string // tag: why, or empty
	}{
		{"contacts", "email", "", text, "", "pii.email: name"},
		{"contacts", "eMail", "", text, "a@b.de|c@d.org|e@f.com", "pii.email: name; 3 of 3 sampled values are e-mail addresses"},
		{"contacts", "E_MAIL_ADDRESS", "", text, "", "pii.email: name"},
		{"contacts", "addr2", "second e-mail address", text, "a@b.de|c@d.org|nothing", "pii.email: comment; 2 of 3 sampled values are e-mail addresses"},
		{"contacts", "x17", "", text, "a@b.de|c@d.org|e@f.com|nobody", "pii.email: 3 of 4 sampled values are e-mail addresses"},
		{"contacts", "email", "", text, "yes|no|yes", ""},
		{"contacts", "email", "", number, "", ""},
		{"contacts", "email_verified", "", text, "", ""},
		{"contacts", "email_template_id", "", text, "", ""},
		{"contacts", "phone", "", text, "+49 30 1234567|(030) 123-4567|0171/1234567", "pii.phone: name; 3 of 3 sampled values are phone numbers"},
		{"contacts", "reach", "", text, "+49301234567|+4915112345678|+1 415 555 0100", "pii.phone: 3 of 3 sampled values are phone numbers"},
		{"orders", "channel", "web, phone number, edi", text, "web|phone|edi", ""},
		{"orders", "ordered", "", text, "2024-01-02|2024-11-12|2024-12-13", ""},
		{"orders", "no", "", text, "2024-000123|2024-000124|2024-000125", ""},
		{"orders", "no", "", text, "0001234567|0001234568|0001234569", ""},
		{"accounts", "iban", "", text, "DE89370400440532013000|GB82 WEST 1234 5698 7654 32|FR1420041010050500013M02606", "pii.iban: name; 3 of 3 sampled values are IBANs with right check digits"},
		{"accounts", "ref", "", text, "DE89370400440532013000|GB82WEST12345698765432|FR1420041010050500013M02606", "pii.iban: 3 of 3 sampled values are IBANs with right check digits"},
		{"accounts", "iban", "", text, "DE00370400440532013000|GB00WEST12345698765432|FR0020041010050500013M02606", ""},
		{"payments", "n", "", text, "4111 1111 1111 1111|5500005555555559|340000000000009|4242424242424242", "pii.card: 4 of 4 sampled values are card numbers with a right check digit"},
		{"payments", "n", "", number, "4111111111111111|5500005555555559|340000000000009", "pii.card: 3 of 3 sampled values are card numbers with a right check digit"},
		{"payments", "card_number", "", text, "4111111111111112|4111111111111113|4111111111111114", ""},
		{"payments", "id", "", number, "4111111111111111|4111111111111121|4111111111111131|4111111111111141", ""},
		{"payments", "card_type", "", text, "visa|amex|visa", ""},
		{"people", "dob", "", day, "", "pii.birthdate: name"},
		{"people", "dateOfBirth", "", text, "", "pii.birthdate: name"},
		{"people", "geb", "Geburtsdatum", day, "", "pii.birthdate: comment"},
		{"people", "birth_place", "", text, "", ""},
		{"people", "created_on", "", day, "", ""},
		{"contacts", "first_name", "", text, "Ann|Bob|Cy", "pii.name: name"},
		{"contacts", "LastName", "", text, "", "pii.name: name"},
		{"employees", "name", "", text, "", "pii.name: name"},
		{"products", "name", "", text, "Fork lift|Pallet|Box", ""},
		{"accounts", "owner", "account manager", text, "Ann Miller|Bob van Dyk|Zoë O'Neil", "pii.name: name; 3 of 3 sampled values look like names of people"},
		{"tables", "owner", "", text, "root|admin|postgres", ""},
		{"files", "file_name", "", text, "", ""},
		{"customers", "street", "", text, "", "pii.address: name"},
		{"customers", "postal_code", "", text, "", "pii.address: name"},
		{"customers", "PLZ", "", text, "", "pii.address: name"},
		{"hosts", "address", "", text, "10.0.0.1|10.0.0.2|10.0.0.3", "pii.ip: 3 of 3 sampled values are IP addresses"},
		{"logins", "client_ip", "", text, "::1|fe80::1|10.1.2.3", "pii.ip: name; 3 of 3 sampled values are IP addresses"},
		{"logins", "version", "", text, "1.2.3|1.2.4|1.2.5", ""},
		{"users", "password_hash", "", text, "", "secret: name"},
		{"users", "password_changed_at", "", text, "", ""},
		{"users", "h", "", text, "$2b$12$abcdefghijklmnopqrstuvABCDEFGHIJKLMNOPQRSTUVWXYZ01234|$2b$12$abcdefghijklmnopqrstuvABCDEFGHIJKLMNOPQRSTUVWXYZ01235|$2b$12$abcdefghijklmnopqrstuvABCDEFGHIJKLMNOPQRSTUVWXYZ01236",
			"secret: 3 of 3 sampled values look like keys, tokens or hashed passwords"},
		{"apps", "apiKey", "", text, "", "secret: name"},
		{"llm", "token_count", "", text, "", ""},
		{"people", "ssn", "", text, "078-05-1120|219-09-9999|457-55-5462", "pii.national_id: name; 3 of 3 sampled values are national identification numbers"},
		{"people", "doc", "", text, "12345678Z|X1234567L|00000000T", "pii.national_id: 3 of 3 sampled values are national identification numbers"},
		{"people", "doc", "", text, "529.982.247-25|111.444.777-35|123.456.789-09", "pii.national_id: 3 of 3 sampled values are national identification numbers"},
		{"people", "gender", "", text, "", "pii.sensitive: name"},
		{"tickets", "body", "", text, "please call me|write to ann@example.com please|x <bob@example.org> y|my mail: c@example.net.", "pii.text: 3 of 4 sampled values hold an e-mail address among other text"},
		{"order_lines", "quantity", "", number, "1|2|3", ""},
		{"orders", "status", "open, shipped or cancelled", text, "open|shipped|open", ""},
		{"customers", "vat_number", "VAT identification number", text, "DE123456789|DE123456788|DE123456787", ""},
	} {
		var got []string
		for _, s := range For(Column{c.table, c.name, c.comment, c.typ, list(c.values)}) {
			got = append(got, s.Tag+": "+s.Why)
		}
		if strings.Join(got, " / ") != c.want {
			t.Errorf("%s.%s (%s) %q: %q, want %q", c.table, c.name, c.comment, c.values, got, c.want)
		}
	}
}

// No value, nor a part of one, comes out.
func TestNothingOfTheValues(t *testing.T) {
	values := []string{"canary@canary.example", "canary@canary.example", "canary@canary.example", "text with canary@canary.example inside", "+49 30 7351 7351"}
	for _, name := range []string{"email", "phone", "owner", "x", "address", "notes"} {
		for _, s := range For(Column{"t", name, "e-mail", text, values}) {
			if strings.Contains(s.Why+s.Tag, "canary") || strings.Contains(s.Why, "7351") {
				t.Errorf("%s: %+v", name, s)
			}
		}
	}
}

func FuzzFor(f *testing.F) {
	f.Add("contacts", "e_mail", "comment", "a@b.de")
	f.Add("", "ÄÖ", "\xff", "DE89370400440532013000")
	f.Add("a", "xY", "", "12345678Z")
	f.Fuzz(func(_ *testing.T, table, name, comment, value string) {
		for _, typ := range []rel.Type{text, number, day, {Kind: rel.Blob}} {
			For(Column{table, name, comment, typ, []string{value, value, value, value}})
		}
	})
}
