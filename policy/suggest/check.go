package suggest

import (
	"net/mail"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// isEmail reports whether a value is an e-mail address and nothing else.
func isEmail(s string) bool {
	if len(s) < 6 || len(s) > 254 || strings.ContainsAny(s, " <>\"") {
		return false
	}
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s {
		return false
	}
	_, domain, _ := strings.Cut(s, "@")
	dot := strings.LastIndexByte(domain, '.')
	return dot > 0 && len(domain)-dot > 2
}

var emailInside = regexp.MustCompile(`[\w.+-]+@[\w-]+\.[\w.-]*[a-zA-Z]{2}`)

// holdsEmail reports whether an e-mail address stands in a longer text.
func holdsEmail(s string) bool {
	at := emailInside.FindStringIndex(s)
	return at != nil && at[1]-at[0] < len(s)
}

// isIBAN checks an IBAN's length and check digits (ISO 7064, modulo 97).
func isIBAN(s string) bool {
	s = strings.ToUpper(strings.ReplaceAll(s, " ", ""))
	if len(s) < 15 || len(s) > 34 || !upperLetters(s[:2]) || !digits(s[2:4]) {
		return false
	}
	rest := 0
	for _, c := range s[4:] + s[:4] {
		switch {
		case c >= '0' && c <= '9':
			rest = (rest*10 + int(c-'0')) % 97
		case c >= 'A' && c <= 'Z':
			rest = (rest*100 + int(c-'A') + 10) % 97
		default:
			return false
		}
	}
	return rest == 1
}

// isCard checks a card number's length, its issuer's first digit, and its check digit (Luhn).
func isCard(s string) bool {
	s = strings.NewReplacer(" ", "", "-", "").Replace(s)
	if len(s) < 13 || len(s) > 19 || !digits(s) || s[0] < '2' || s[0] > '6' {
		return false
	}
	sum := 0
	for i := range len(s) {
		d := int(s[len(s)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

var (
	phoneShape = regexp.MustCompile(`^(\+|00|\(?0)[\d ()/.-]{5,22}( ?(x|ext\.?) ?\d{1,5})?$`)
	localPhone = regexp.MustCompile(`^\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}$`)
	dateShape  = regexp.MustCompile(`^\d{1,4}[./-]\d{1,2}[./-]\d{1,4}`)
)

// isPhone reports whether a value is written like a phone number: with a country's or an area's prefix, or in the form of North America.
func isPhone(s string) bool {
	if dateShape.MatchString(s) {
		return false
	}
	n := 0
	for _, r := range s {
		if r >= '0' && r <= '9' {
			n++
		}
	}
	return n >= 7 && n <= 20 && (phoneShape.MatchString(s) && (s[0] == '+' || strings.ContainsAny(s, " ()/-") || n >= 10) || localPhone.MatchString(s))
}

// isMarkedPhone leaves out what is digits only, as numbers of many other things are.
func isMarkedPhone(s string) bool { return isPhone(s) && !digits(s) }

func isIP(s string) bool {
	a, err := netip.ParseAddr(s)
	return err == nil && (a.Is4() || strings.Count(s, ":") >= 2)
}

var secretShapes = regexp.MustCompile(`^(\$2[aby]\$\d\d\$.{53}|\$argon2(i|d|id)\$.+|\$(1|5|6|y)\$.+\$.+|pbkdf2[_:].+|\{(SSHA|SHA|CRYPT)[^}]*\}.+|eyJ[\w-]+\.eyJ[\w-]+\.[\w-]*|(AKIA|ASIA)[A-Z0-9]{16}|gh[pousr]_\w{36,}|` +
	`github_pat_\w{22,}|glpat-[\w-]{20,}|(sk|rk|pk)_(live|test)_\w{16,}|xox[abprs]-[\w-]{10,}|AIza[\w-]{35}|(?s:-----BEGIN [A-Z ]*PRIVATE KEY-----.*))$`)

// isSecret reports whether a value is written like a hashed password, a token or a key of a well-known kind.
func isSecret(s string) bool { return secretShapes.MatchString(s) }

var (
	ssn       = regexp.MustCompile(`^(\d{3})-(\d{2})-(\d{4})$`)
	cpf       = regexp.MustCompile(`^\d{3}\.\d{3}\.\d{3}-\d{2}$`)
	spanish   = regexp.MustCompile(`^([XYZ]?\d{7,8})([A-Z])$`)
	codice    = regexp.MustCompile(`^[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]$`)
	nameShape = regexp.MustCompile(`^(\p{Lu}[\p{L}'’.-]*\.? )(\p{L}[\p{L}'’.-]* ){0,2}\p{Lu}[\p{L}'’.-]+$`)
)

// isNationalID knows the numbers that can be told by their form: of the United States, Brazil, Spain and Italy.
func isNationalID(s string) bool {
	if m := ssn.FindStringSubmatch(s); m != nil {
		return m[1] != "000" && m[1] != "666" && m[1] < "900" && m[2] != "00" && m[3] != "0000"
	}
	if cpf.MatchString(s) {
		return cpfDigits(strings.NewReplacer(".", "", "-", "").Replace(s))
	}
	if m := spanish.FindStringSubmatch(s); m != nil {
		n, err := strconv.Atoi(strings.NewReplacer("X", "0", "Y", "1", "Z", "2").Replace(m[1]))
		return err == nil && len(m[1]) == 8 && "TRWAGMYFPDXBNJZSQVHLCKE"[n%23] == m[2][0]
	}
	return codice.MatchString(s)
}

// cpfDigits checks the two last of eleven digits.
func cpfDigits(s string) bool {
	for n := 9; n < 11; n++ {
		sum := 0
		for i := range n {
			sum += int(s[i]-'0') * (n + 1 - i)
		}
		if int(s[n]-'0') != sum*10%11%10 {
			return false
		}
	}
	return strings.Trim(s, s[:1]) != ""
}

// isPersonName reports whether a value has the form of a first and a last name.
func isPersonName(s string) bool { return len(s) <= 60 && nameShape.MatchString(s) }

func shareOf(values []string, f func(string) bool) float64 {
	if len(values) == 0 {
		return 0
	}
	n := 0
	for _, v := range values {
		if f(strings.TrimSpace(v)) {
			n++
		}
	}
	return float64(n) / float64(len(values))
}

// notIPs: a column that is called address and holds those of machines is no postal address.
func notIPs(values []string) bool { return shareOf(values, isIP) < 0.5 }

// notRising reports whether values aren't numbers that go up by equal steps, of which every tenth passes the check of card numbers, and all would if the step
// happened to keep it.
func notRising(values []string) bool {
	if len(values) < 4 {
		return true
	}
	var step int64
	for i := 1; i < len(values); i++ {
		a, err1 := strconv.ParseInt(values[i-1], 10, 64)
		b, err2 := strconv.ParseInt(values[i], 10, 64)
		if err1 != nil || err2 != nil || i > 1 && b-a != step {
			return true
		}
		step = b - a
	}
	return step == 0
}

func digits(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }) < 0
}

func upperLetters(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsUpper(r) }) < 0
}
