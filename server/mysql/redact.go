package mysql

import (
	"strings"

	"weir/engine/bind"
)

// maxRecordedText bounds a statement's text in the audit.
const maxRecordedText = 64 << 10

// recordedText is a statement's text as it may be recorded, and how many bytes of it are left out at its end. Constants become question marks unless
// they are to be kept; those of statements that set passwords always do. Comments are left out with them. Of a text that doesn't parse, in which nobody
// can tell what is a constant, the first word remains.
func recordedText(text string, parsed, ansi, keep bool) (string, int) {
	whole := len(text)
	if len(text) > maxRecordedText {
		text = strings.ToValidUTF8(text[:maxRecordedText], "")
	}
	if keep && !secretive(text) {
		return strings.ToValidUTF8(text, "\ufffd"), whole - len(text)
	}
	if parsed {
		return redacted(text, ansi), whole - len(text)
	}
	if w, _ := words(text, 1); len(w) == 1 && (writeWords[w[0]] || otherWords[w[0]]) {
		return w[0] + " …", whole
	}
	return "", whole
}

// otherWords begin statements, like writeWords. Any other word may be anything.
var otherWords = map[string]bool{"SELECT": true, "WITH": true, "VALUES": true, "TABLE": true, "SET": true, "USE": true, "SHOW": true, "DESCRIBE": true, "DESC": true,
	"EXPLAIN": true, "KILL": true, "PREPARE": true, "EXECUTE": true, "DEALLOCATE": true, "BEGIN": true, "COMMIT": true, "ROLLBACK": true, "SAVEPOINT": true,
	"RELEASE": true, "LOCK": true, "UNLOCK": true, "FLUSH": true, "DO": true, "HELP": true}

// secretive reports whether a text may set a password, be it inside a statement that it prepares.
func secretive(text string) bool {
	low := strings.ToLower(text)
	return strings.Contains(low, "identified") || strings.Contains(low, "password")
}

// redacted is a text with question marks for its constants.
func redacted(text string, ansi bool) string {
	first, _ := words(text, 1)
	switch {
	case namesAccounts(text):
		return bind.RedactBut(text, ansi, func(before, _ string) bool { return beforeName[before] || strings.HasSuffix(before, "@") })
	case len(first) == 1 && first[0] == "KILL": // whose number is that of a connection
		return bind.RedactBut(text, ansi, func(before, _ string) bool { return before == "KILL" || before == "QUERY" || before == "CONNECTION" })
	}
	return bind.Redact(text, ansi)
}

// namesAccounts reports whether a statement is about accounts, whose names may stand in quotes and are to be recorded.
func namesAccounts(text string) bool {
	w, _ := words(text, 3)
	for len(w) < 3 {
		w = append(w, "")
	}
	switch w[0] {
	case "CREATE", "ALTER", "DROP", "RENAME":
		return w[1] == "USER" || w[1] == "ROLE"
	case "GRANT", "REVOKE":
		return true
	case "SET":
		return w[1] == "PASSWORD" || w[1] == "ROLE" || w[1] == "DEFAULT" && w[2] == "ROLE"
	case "SHOW":
		return w[1] == "GRANTS"
	}
	return false
}

// beforeName are the words behind which such a statement names an account or a role, never a password.
var beforeName = map[string]bool{"USER": true, "ROLE": true, "TO": true, "FROM": true, ",": true, "EXISTS": true, "FOR": true, "GRANT": true, "REVOKE": true, "EXCEPT": true}
