package account

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Draft is a change of the accounts under way. Used by one goroutine, and not after the change. Each of its methods is one statement, with
// MySQL's error if it can't be done; what it has changed by then is thrown away with the draft.
type Draft struct {
	model
	*actor // nil may do everything
	Notes  []Note
}

// actor is who makes a change.
type actor struct {
	name     string
	origin   Origin
	readsAll bool
	admin    bool
	roles    []string // active, with those that they hold
}

func (d *Draft) isAdmin() bool { return d.actor == nil || d.actor.admin }

// holders are the names by which the actor holds something: his own and his roles'.
func (d *Draft) holders() []string {
	if d.actor.origin == FromElsewhere {
		return d.actor.roles
	}
	return append([]string{d.actor.name}, d.actor.roles...)
}

func (d *Draft) note(code uint16, text string) { d.Notes = append(d.Notes, Note{code, text}) }

// taken reports whether a name is that of an account or of a role.
func (d *Draft) taken(name string) bool {
	_, made := d.records[name]
	return made || d.file[name] != nil || d.known[name]
}

// mayHold returns an error unless SQL may give something to the user or role of a name.
func (d *Draft) mayHold(operation, name string, missing error) error {
	if d.isRole(name) {
		return nil
	}
	a, ok := d.find(name)
	if !ok {
		return missing
	}
	if a.Origin == FromFile {
		return failed(operation, []string{name}, inFile)
	}
	return nil
}

// adopt makes a role of weir.yaml one of SQL's, too: what is granted to it or of it stays when the file no longer names it.
func (d *Draft) adopt(role string) {
	if _, made := d.records[role]; d.known[role] && !made && role != Admin {
		d.records[role] = newRole()
	}
}

// inFile is why an account can't be changed.
const inFile = "the account stands in weir.yaml and is changed there"

// isName reports whether a text can be the name of an account or a role.
func isName(s string) bool {
	return s != "" && utf8.ValidString(s) && utf8.RuneCountInString(s) <= 32 && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// forget removes what has been granted to a name, and who holds it.
func (d *Draft) forget(name string) {
	for k := range d.members {
		if k.role == name || k.member == name {
			delete(d.members, k)
		}
	}
	for g := range d.grants {
		if g.grantee == name {
			delete(d.grants, g)
		}
	}
}

// each applies a step to names, and gathers those for which it fails into MySQL's one error.
func each(operation string, names []string, step func(name string) (why string, ok bool)) error {
	var wrong []string
	var reasons []string
	for _, n := range names {
		if why, ok := step(n); !ok {
			wrong = append(wrong, n)
			if why != "" && !slices.Contains(reasons, why) {
				reasons = append(reasons, why)
			}
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	return failed(operation, wrong, strings.Join(reasons, "; "))
}
