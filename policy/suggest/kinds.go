package suggest

import (
	"slices"
	"unicode"

	"weir/engine/rel"
)

// kind is one kind of what should be tagged. Phrases are in lower case, their words with blanks between.
type kind struct {
	tag string
	// names are looked for in the column's name. One of them that isn't enough by itself is below tables: it counts only in a table whose name has one of
	// those words.
	names  []string
	tables map[string][]string
	// unless are words of the name that make it something else.
	unless   []string
	comments []string
	types    []rel.Class
	// looksLike checks a value; looks says in words what it found. share is how many of the values must pass for that to be a reason by itself; 0: never.
	looksLike func(string) bool
	looks     string
	share     float64
	// surely is a stricter check for that; nil is looksLike.
	surely func(string) bool
	// strict says that a name is wrong if no value at all passes.
	strict bool
	// needs must hold of the values, whatever the name says.
	needs func([]string) bool
	// behind are the tags that, where they are suggested, explain the column well enough.
	behind []string
}

func isLetter(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
func isUpper(r rune) bool  { return unicode.IsUpper(r) }

func (k *kind) fits(t rel.Type) bool { return slices.Contains(k.types, t.Class()) }

func (k *kind) covered(have []Suggestion) bool {
	return slices.ContainsFunc(have, func(s Suggestion) bool { return slices.Contains(k.behind, s.Tag) })
}

// named returns the phrase of a column's name that speaks for the kind.
func (k *kind) named(words, table []string) string {
	for _, u := range k.unless {
		if slices.Contains(words, u) {
			return ""
		}
	}
	if p := phrase(words, k.names); p != "" {
		return p
	}
	for name, tables := range k.tables {
		if len(words) == 1 && words[0] == name && slices.ContainsFunc(table, func(w string) bool { return slices.Contains(tables, w) }) {
			return name
		}
	}
	return ""
}

var (
	texts         = []rel.Class{rel.ClassText, rel.ClassJSON}
	numbersToo    = []rel.Class{rel.ClassText, rel.ClassInt, rel.ClassDecimal}
	datesToo      = []rel.Class{rel.ClassText, rel.ClassDate, rel.ClassDateTime}
	textsOrBinary = []rel.Class{rel.ClassText, rel.ClassBinary}

	people = []string{"person", "persons", "people", "contact", "contacts", "employee", "employees", "staff", "user", "users", "patient", "patients", "member",
		"members", "lead", "leads", "student", "students", "applicant", "applicants", "candidate", "candidates", "guest", "guests", "passenger", "passengers",
		"kontakt", "kontakte", "mitarbeiter", "personen", "benutzer", "empleados", "clients"}
	// about are words of names of columns that are about a thing, not the thing itself.
	about = []string{"id", "type", "kind", "count", "verified", "valid", "status", "flag", "opt", "enabled", "sent", "at", "expires", "expiry", "length", "template", "subject", "consent", "domain"}
)

// kinds are looked for in this order.
var kinds = []*kind{
	{tag: "secret", types: textsOrBinary, unless: []string{"hint", "reset", "changed", "policy", "count", "at", "type", "expires", "expiry"},
		names: []string{"password", "passwd", "pwd", "passphrase", "passwort", "kennwort", "contrasena", "mot de passe", "password hash", "secret", "client secret", "token", "access token", "refresh token",
			"api key", "access key", "private key", "secret key", "encryption key", "signing key", "salt", "otp", "totp", "pin code", "cvv", "cvc", "credentials", "session key", "recovery code"},
		comments:  []string{"password", "passphrase", "secret key", "api key", "access token", "private key", "credentials"},
		looksLike: isSecret, looks: "look like keys, tokens or hashed passwords", share: 0.5},
	{tag: "pii.email", types: texts, unless: about,
		names:    []string{"email", "e mail", "mail", "mail address", "email address", "correo", "courriel", "mailadresse"},
		comments: []string{"email", "e mail", "email address", "mailadresse"},
		looks:    "are e-mail addresses", looksLike: isEmail, share: 0.5, strict: true},
	{tag: "pii.iban", types: texts, unless: []string{"type", "country"},
		names: []string{"iban"}, comments: []string{"iban"}, looksLike: isIBAN, looks: "are IBANs with right check digits", share: 0.5, strict: true},
	{tag: "pii.card", types: numbersToo, unless: []string{"type", "id", "brand", "holder", "expiry", "month", "year"},
		names:    []string{"card number", "card no", "credit card", "creditcard number", "cc number", "ccnum", "pan", "kreditkarte", "kartennummer", "tarjeta"},
		comments: []string{"credit card number", "card number", "kreditkartennummer"},
		looks:    "are card numbers with a right check digit", looksLike: isCard, share: 0.8, strict: true, needs: notRising},
	{tag: "pii.national_id", types: numbersToo, unless: []string{"type", "issued", "expires", "country"},
		names: []string{"ssn", "social security", "social security number", "national id", "nationalid", "passport", "passport no", "passport number", "nino", "nif", "nie", "dni", "cpf", "pesel", "bsn", "aadhaar",
			"personnummer", "codice fiscale", "personalausweis", "ausweisnummer", "steuer id", "steueridentifikationsnummer", "sozialversicherungsnummer", "driver license", "drivers license", "driving licence"},
		comments:  []string{"social security number", "passport number", "national id", "codice fiscale"},
		looksLike: isNationalID, looks: "are national identification numbers", share: 0.8},
	{tag: "pii.phone", types: numbersToo, unless: append([]string{"model", "brand", "country", "os"}, about...),
		names: []string{"phone", "phone number", "telephone", "tel", "telefon", "telefono", "telefonnummer", "mobile", "mobile number", "mobil", "handy", "cell", "cellphone", "fax", "msisdn",
			"home phone", "work phone"},
		comments:  []string{"phone number", "telephone", "telefon", "mobile number"},
		looksLike: isPhone, looks: "are phone numbers", surely: isMarkedPhone, share: 0.7, strict: true},
	{tag: "pii.birthdate", types: datesToo, unless: []string{"place", "city", "country"},
		names:    []string{"birthdate", "birth date", "birthday", "date of birth", "dob", "born", "born on", "birth", "geburtsdatum", "geburtstag", "geboren", "fecha nacimiento", "date naissance"},
		comments: []string{"date of birth", "birth date", "birthday", "geburtsdatum"}},
	{tag: "pii.name", types: texts, unless: []string{"file", "table", "column", "host", "domain", "user id", "type", "product", "company", "id"},
		names: []string{"first name", "last name", "given name", "family name", "middle name", "maiden name", "full name", "display name", "person name", "contact name", "contact person", "employee name",
			"patient name", "cardholder", "card holder", "account holder", "fname", "lname", "firstname", "lastname", "surname", "forename", "vorname", "nachname", "familienname", "ansprechpartner", "prenom",
			"nombre", "apellido", "apellidos", "passenger name", "guest name", "recipient name", "beneficiary", "username", "user name", "login name"},
		tables:   map[string][]string{"name": people, "names": people},
		comments: []string{"first name", "last name", "full name", "given name", "family name", "surname", "name of the person", "name of the customer", "vorname", "nachname"}},
	{tag: "pii.name", types: texts, unless: about,
		names: []string{"owner", "manager", "salesperson", "sales rep", "employee", "assignee", "assigned to", "author", "contact", "customer", "patient", "created by", "updated by", "approved by", "buyer", "seller",
			"agent", "driver", "doctor", "bearbeiter", "kunde"},
		looksLike: isPersonName, looks: "look like names of people", needs: func(v []string) bool { return shareOf(v, isPersonName) >= 0.8 }},
	{tag: "pii.address", types: texts, unless: append([]string{"ip", "mac", "web", "url", "email", "mail", "wallet", "memory"}, about...),
		names: []string{"address", "street", "street address", "address line", "address1", "address2", "addr", "postal code", "postcode", "zip", "zip code", "zipcode", "plz", "postleitzahl", "strasse", "straße",
			"hausnummer", "house number", "anschrift", "adresse", "direccion", "home address", "billing address", "shipping address", "delivery address", "rue"},
		comments: []string{"postal address", "home address", "street and number", "delivery address", "billing address", "anschrift"},
		needs:    notIPs},
	{tag: "pii.ip", types: texts, names: []string{"ip", "ip address", "ipaddress", "client ip", "remote addr", "remote address", "last ip", "ipv4", "ipv6"}, unless: []string{"id", "type", "count"},
		comments: []string{"ip address"}, looksLike: isIP, looks: "are IP addresses", share: 0.9, strict: true},
	{tag: "pii.sensitive", types: []rel.Class{rel.ClassText, rel.ClassInt}, unless: []string{"at", "count"},
		names: []string{"gender", "sex", "geschlecht", "religion", "ethnicity", "race", "nationality", "staatsangehoerigkeit", "diagnosis", "diagnose", "disability", "blood type", "blood group", "sexual orientation",
			"political party", "union member", "marital status", "konfession"},
		comments: []string{"gender", "religion", "ethnicity", "diagnosis", "disability"}},
	{tag: "pii.text", types: texts, looksLike: holdsEmail, looks: "hold an e-mail address among other text", share: 0.02, behind: []string{"pii.email", "secret"}},
}
