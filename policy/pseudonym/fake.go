package pseudonym

import "strings"

// Fakes have the form of what they stand for and nothing else of it: each character that could tell something is drawn from a stream that
// depends on the key and the value alone.

// stream is the random numbers that belong to a value.
type stream struct {
	s    *siv
	w    *work
	seed []byte // memory for the value's plain form
	left []byte // of the last block
}

// start begins the stream of s.seed.
func (r *stream) start() {
	r.s.synthesize(r.w, r.seed)
	r.s.begin(r.w)
	r.left = nil
}

// below is a number from 0 to n-1, each as likely as the others; n is at most 256.
func (r *stream) below(n int) int {
	for {
		if len(r.left) == 0 {
			r.s.next(r.w)
			r.left = r.w.stream[:]
		}
		b := int(r.left[0])
		r.left = r.left[1:]
		if b < 256/n*n {
			return b % n
		}
	}
}

func (r *stream) digit() byte { return '0' + byte(r.below(10)) }

// like is a random character of the kind of c: a letter of its case, a digit, or c itself.
func (r *stream) like(c byte) byte {
	switch {
	case isDigit(c):
		return r.digit()
	case c >= 'a' && c <= 'z':
		return 'a' + byte(r.below(26))
	case c >= 'A' && c <= 'Z':
		return 'A' + byte(r.below(26))
	}
	return c
}

func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// fakeEmail replaces the letters and digits of an address's local part, and its domain by one that is reserved for examples (RFC 2606), unless
// it is to be kept. Addresses that differ in case only have fakes that do.
func fakeEmail(r *stream, dst []byte, text, option string) ([]byte, bool) {
	local, host, ok := strings.Cut(text, "@")
	if !ok || !isLocalPart(local) || !isHost(host) {
		return dst, false
	}
	r.seed = r.seed[:0]
	for i := range len(text) {
		c := text[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		r.seed = append(r.seed, c)
	}
	r.start()
	for i := range len(local) {
		dst = append(dst, r.like(local[i]))
	}
	dst = append(dst, '@')
	if option == KeepDomain {
		return append(dst, host...), true
	}
	return append(dst, "example.com"...), true
}

// isLocalPart reports whether s is the plain form of what stands before an address's @ (dot-atom of RFC 5322).
func isLocalPart(s string) bool {
	if s == "" || len(s) > 64 || s[0] == '.' || s[len(s)-1] == '.' || strings.Contains(s, "..") {
		return false
	}
	for i := range len(s) {
		if !isLetter(s[i]) && !isDigit(s[i]) && strings.IndexByte(".!#$%&'*+/=?^_`{|}~-", s[i]) < 0 {
			return false
		}
	}
	return true
}

func isHost(s string) bool {
	if len(s) > 253 || strings.IndexByte(s, '.') < 0 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			if !isLetter(label[i]) && !isDigit(label[i]) && label[i] != '-' {
				return false
			}
		}
	}
	return true
}

// digitsOf collects the digits of a text whose other characters are all among those allowed; ok is false if any other is there.
func (r *stream) digitsOf(text, allowed string) (digits []byte, ok bool) {
	r.seed = r.seed[:0]
	for i := range len(text) {
		switch {
		case isDigit(text[i]):
			r.seed = append(r.seed, text[i])
		case strings.IndexByte(allowed, text[i]) < 0:
			return nil, false
		}
	}
	return r.seed, true
}

// fakePhone keeps a number's form, its leading zeros (a trunk or international prefix) and, behind + or 00, its country code; the other digits are
// replaced. The same digits in another form have the same fake digits.
func fakePhone(r *stream, dst []byte, text, _ string) ([]byte, bool) {
	rest, plus := strings.CutPrefix(text, "+")
	digits, ok := r.digitsOf(rest, " -./()")
	if !ok || len(digits) < 7 || len(digits) > 17 {
		return dst, false
	}
	keep := 0
	for keep < len(digits) && digits[keep] == '0' {
		keep++
	}
	if plus && keep > 0 || keep > 2 {
		return dst, false
	}
	if plus || keep == 2 {
		n := countryCode(digits[keep:])
		if n == 0 || len(digits)-keep > 15 {
			return dst, false
		}
		keep += n
	}
	if plus { // +49 and 0049 are the same number
		r.seed = append([]byte("00"), digits...)
	}
	r.start()
	if plus {
		dst = append(dst, '+')
	}
	for i, n := 0, 0; i < len(rest); i++ {
		c := rest[i]
		if isDigit(c) {
			if n == keep && c != '0' {
				c = '1' + byte(r.below(9)) // an area's or a network's number begins with no zero
			} else if n >= keep {
				c = r.digit()
			}
			n++
		}
		dst = append(dst, c)
	}
	return dst, true
}

// twoDigits are the country codes of two digits (ITU-T E.164); 1 and 7 are one digit, all others three.
const twoDigits = " 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98 "

// countryCode is the number of digits of the country code with which an international number begins; 0 if there is none.
func countryCode(digits []byte) int {
	switch {
	case len(digits) < 7 || digits[0] == '0':
		return 0
	case digits[0] == '1' || digits[0] == '7':
		return 1
	case strings.Contains(twoDigits, " "+string(digits[:2])+" "):
		return 2
	}
	return 3
}

// fakeCard replaces a card's number by one that is no issuer's: it begins with 9999, which belongs to no country's registry, and its check digit
// is right. Or it keeps the first six digits, and may be a number that is in use.
func fakeCard(r *stream, dst []byte, text, option string) ([]byte, bool) {
	digits, ok := r.digitsOf(text, " -")
	if !ok || len(digits) < 12 || len(digits) > 19 || luhn(digits) != 0 {
		return dst, false
	}
	r.start()
	var made [19]byte
	n := copy(made[:], "9999")
	if option == KeepBIN {
		n = copy(made[:], digits[:6])
	}
	for ; n < len(digits)-1; n++ {
		made[n] = r.digit()
	}
	made[n] = '0'
	made[n] = '0' + byte((10-luhn(made[:n+1]))%10)
	return inForm(dst, text, made[:n+1]), true
}

// luhn is the checksum of ISO/IEC 7812, 0 for a right number.
func luhn(digits []byte) int {
	sum := 0
	for i := range digits {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum % 10
}

// inForm writes characters in the places of those of a text that are letters or digits.
func inForm(dst []byte, text string, made []byte) []byte {
	for i := range len(text) {
		c := text[i]
		if isDigit(c) || isLetter(c) {
			c, made = made[0], made[1:]
		}
		dst = append(dst, c)
	}
	return dst
}

// fakeIBAN keeps an account number's country and form; digits and letters are replaced, and the check digits are right (ISO 13616). What a country
// checks inside its own part is not.
func fakeIBAN(r *stream, dst []byte, text, _ string) ([]byte, bool) {
	r.seed = r.seed[:0]
	for i := range len(text) {
		switch c := text[i]; {
		case c >= 'a' && c <= 'z':
			r.seed = append(r.seed, c-'a'+'A')
		case isDigit(c) || isLetter(c):
			r.seed = append(r.seed, c)
		case c != ' ':
			return dst, false
		}
	}
	n := len(r.seed)
	if n < 15 || n > 34 || !isLetter(r.seed[0]) || !isLetter(r.seed[1]) || !isDigit(r.seed[2]) || !isDigit(r.seed[3]) || mod97(r.seed) != 1 {
		return dst, false
	}
	r.start()
	var made [34]byte
	copy(made[:], r.seed[:2])
	made[2], made[3] = '0', '0'
	for i := 4; i < n; i++ {
		made[i] = r.like(r.seed[i])
	}
	check := 98 - mod97(made[:n])
	made[2], made[3] = '0'+byte(check/10), '0'+byte(check%10)
	return inForm(dst, text, made[:n]), true
}

// mod97 is the remainder that ISO 7064 checks: of the number whose first four characters stand last and in which letters are 10 to 35.
func mod97(iban []byte) int {
	rest := 0
	add := func(part []byte) {
		for _, c := range part {
			if isDigit(c) {
				rest = (rest*10 + int(c-'0')) % 97
			} else {
				rest = (rest*100 + int(c-'A') + 10) % 97
			}
		}
	}
	add(iban[4:])
	add(iban[:4])
	return rest
}
