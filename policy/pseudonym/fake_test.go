package pseudonym

import (
	"regexp"
	"strings"
	"testing"
)

func TestFakes(t *testing.T) {
	r := ring(t)
	for _, c := range []struct {
		mask         Mask
		option, text string
		want         string // a pattern
	}{
		{FakeEmail, "", "Anna.Smith+42@Firma.de", `^[A-Z][a-z]{3}\.[A-Z][a-z]{4}\+\d\d@example\.com$`},
		{FakeEmail, KeepDomain, "anna@firma.de", `^[a-z]{4}@firma\.de$`},
		{FakePhone, "", "+49 (170) 555-1234", `^\+49 \([1-9]\d\d\) \d{3}-\d{4}$`},
		{FakePhone, "", "0049 170 5551234", `^0049 [1-9]\d\d \d{7}$`},
		{FakePhone, "", "0170/5551234", `^0[1-9]\d\d/\d{7}$`},
		{FakePhone, "", "+1.212.555.0100", `^\+1\.[1-9]\d\d\.\d{3}\.\d{4}$`},
		{FakePhone, "", "+353 1 555 0100", `^\+353 [1-9] \d{3} \d{4}$`},
		{FakeCard, "", "4111 1111 1111 1111", `^9999 \d{4} \d{4} \d{4}$`},
		{FakeCard, KeepBIN, "4111-1111-1111-1111", `^4111-11\d\d-\d{4}-\d{4}$`},
		{FakeCard, "", "378282246310005", `^9999\d{11}$`},
		{FakeIBAN, "", "DE89 3704 0044 0532 0130 00", `^DE\d\d \d{4} \d{4} \d{4} \d{4} \d\d$`},
		{FakeIBAN, "", "GB82WEST12345698765432", `^GB\d\d[A-Z]{4}\d{14}$`},
	} {
		got := masked(t, r, c.mask, "d", c.option, c.text)
		if !regexp.MustCompile(c.want).MatchString(got) {
			t.Errorf("%s of %q is %q", c.mask, c.text, got)
		}
		if got != masked(t, r, c.mask, "d", c.option, c.text) {
			t.Errorf("%s of %q is not the same each time", c.mask, c.text)
		}
		if got == masked(t, r, c.mask, "other", c.option, c.text) {
			t.Errorf("%s of %q is the same in another domain", c.mask, c.text)
		}
	}
}

// What has not the form that it should have is not passed through, not even in part.
func TestFakesOfOtherThings(t *testing.T) {
	r := ring(t)
	for mask, texts := range map[Mask][]string{
		FakeEmail: {"", "anna", "anna@", "@firma.de", "anna@localhost", "an na@firma.de", "anna@fir ma.de", "a@b@firma.de", ".anna@firma.de", "an..na@firma.de",
			`"an na"@firma.de`, "änna@firma.de", "anna@firma..de", "anna@-firma.de", "anna@firma.de\n", "Anna <anna@firma.de>"},
		FakePhone: {"", "123", "call me", "+49 170 555 1234 ext 5", "+", "000 123456789", "+0170 5551234", "12345678901234567890", "+1234", "١٢٣٤٥٦٧٨٩"},
		FakeCard:  {"", "4111 1111 1111 1112", "4111", "4111x1111x1111x1111", "12345678901234567890"},
		FakeIBAN:  {"", "DE88 3704 0044 0532 0130 00", "DE89", "DE89-3704-0044-0532-0130-00", "XX", "8937040044053201300000"},
	} {
		for _, text := range texts {
			if got := masked(t, r, mask, "d", "", text); got != Redacted {
				t.Errorf("%s of %q is %q", mask, text, got)
			}
		}
	}
}

// One number in several forms has one fake, in these forms.
func TestFakesOfOneNumber(t *testing.T) {
	r := ring(t)
	digits := func(s string) string { return regexp.MustCompile(`\D`).ReplaceAllString(s, "") }
	a, b := masked(t, r, FakePhone, "d", "", "+49 170 5551234"), masked(t, r, FakePhone, "d", "", "0049-170-555-1234")
	if "00"+digits(a) != digits(b) {
		t.Errorf("one number became %s and %s", a, b)
	}
	a, b = masked(t, r, FakeEmail, "d", "", "Anna@Firma.de"), masked(t, r, FakeEmail, "d", "", "anna@firma.de")
	if strings.ToLower(a) != b {
		t.Errorf("one address became %s and %s", a, b)
	}
	a, b = masked(t, r, FakeIBAN, "d", "", "DE89 3704 0044 0532 0130 00"), masked(t, r, FakeIBAN, "d", "", "DE89370400440532013000")
	if strings.ReplaceAll(a, " ", "") != b {
		t.Errorf("one account became %s and %s", a, b)
	}
}

// Whatever is masked, the fake is of the right form or the word for what has none, and is never the value itself but by a rare chance.
func FuzzFakes(f *testing.F) {
	for _, s := range []string{"anna.smith@firma.de", "+49 170 5551234", "4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00", "0", "@", "+"} {
		f.Add(s)
	}
	r := ring(f)
	email := regexp.MustCompile(`^[^@\s]+@example\.com$`)
	f.Fuzz(func(t *testing.T, text string) {
		if got := masked(t, r, FakeEmail, "d", "", text); got != Redacted && !email.MatchString(got) {
			t.Fatalf("e-mail %q became %q", text, got)
		}
		if got := masked(t, r, FakeCard, "d", "", text); got != Redacted {
			if digits := regexp.MustCompile(`\D`).ReplaceAllString(got, ""); luhn([]byte(digits)) != 0 || len(got) != len(text) {
				t.Fatalf("card %q became %q", text, got)
			}
		}
		if got := masked(t, r, FakeIBAN, "d", "", text); got != Redacted {
			if plain := strings.ToUpper(strings.ReplaceAll(got, " ", "")); mod97([]byte(plain)) != 1 || len(got) != len(text) {
				t.Fatalf("IBAN %q became %q", text, got)
			}
		}
		if got := masked(t, r, FakePhone, "d", "", text); got != Redacted {
			if len(got) != len(text) || len(text) > 20 && got == text {
				t.Fatalf("phone %q became %q", text, got)
			}
		}
	})
}

// The numbers that fakes are drawn from are as likely as each other.
func TestDigitsAreEven(t *testing.T) {
	k := ring(t).domain("d").current
	s := &stream{s: k.fakes[FakeCard], w: &work{}, seed: []byte("x")}
	s.start()
	var seen [10]int
	for range 100_000 {
		seen[s.digit()-'0']++
	}
	for d, n := range seen {
		if n < 9_600 || n > 10_400 {
			t.Errorf("digit %d came %d times of 100000", d, n)
		}
	}
}
