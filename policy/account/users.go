package account

import (
	"crypto/subtle"
	"encoding/json"
	"maps"
	"slices"

	"weir/engine/sqlerr"
)

// User is an account that CREATE USER or ALTER USER names.
type User struct {
	Name string
	Auth *Auth // nil: nothing is said about it
}

// Auth is what IDENTIFIED says.
type Auth struct {
	Plugin   string  // empty: the one that it has, or the default
	Password *string // nil: none is given
	Current  *string // REPLACE: what the password has to be now
}

// Options are what CREATE USER and ALTER USER say of all their accounts. A nil field says nothing.
type Options struct {
	Require    *Require
	Locked     *bool
	Attributes map[string]*string // set, or removed where nil
	Defaults   *Roles
}

func (o Options) empty() bool {
	return o.Require == nil && o.Locked == nil && len(o.Attributes) == 0 && o.Defaults == nil
}

// The login methods that an account may be made with. Both verifiers are kept whichever it is, so that a client may use either.
const (
	PluginSHA2   = "caching_sha2_password"
	PluginNative = "mysql_native_password"
)

const needsCreateUser = "CREATE USER"

// CreateUsers answers CREATE USER.
func (d *Draft) CreateUsers(users []User, o Options, unless bool) error {
	if !d.isAdmin() {
		return needsAdmin(needsCreateUser)
	}
	made := map[string]bool{}
	err := each("CREATE USER", names(users), func(name string) (string, bool) {
		switch {
		case !isName(name):
			return "a name has 1 to 32 characters, none of them a control character", false
		case d.taken(name) && unless && !made[name]:
			d.note(noteExists, "Authorization ID '"+clip(name)+"'@'%' already exists.")
			return "", true
		case d.taken(name):
			return "", false
		}
		d.records[name], made[name] = record{plugin: PluginSHA2, password: VerifierOf(""), attributes: "{}"}, true
		return "", true
	})
	if err != nil {
		return err
	}
	for _, u := range users {
		if !made[u.Name] {
			continue
		}
		if o.Defaults != nil && o.Defaults.Which == Those {
			if err := d.GrantRoles(o.Defaults.Names, []string{u.Name}, false); err != nil {
				return err
			}
		}
		if err := d.alter(u, o); err != nil {
			return err
		}
	}
	return nil
}

// AlterUsers answers ALTER USER and SET PASSWORD.
func (d *Draft) AlterUsers(users []User, o Options, ifExists bool) error {
	if !d.isAdmin() {
		if len(users) != 1 || users[0].Name != d.actor.name || !o.empty() {
			return needsAdmin(needsCreateUser)
		}
	}
	var there []User
	err := each("ALTER USER", names(users), func(name string) (string, bool) {
		a, ok := d.find(name)
		switch {
		case ok && a.Origin == FromFile:
			return inFile, false
		case !ok && ifExists:
			d.note(noteMissing, "Authorization ID '"+clip(name)+"'@'%' does not exist.")
		case !ok:
			return "", false
		}
		return "", true
	})
	if err != nil {
		return err
	}
	for _, u := range users {
		if _, ok := d.find(u.Name); ok {
			there = append(there, u)
		}
	}
	for _, u := range there {
		if err := d.alter(u, o); err != nil {
			return err
		}
	}
	return nil
}

// alter changes one account.
func (d *Draft) alter(u User, o Options) error {
	r := d.records[u.Name]
	if u.Auth != nil {
		if err := r.identify(*u.Auth); err != nil {
			return err
		}
	}
	if o.Require != nil {
		r.require = *o.Require
	}
	if o.Locked != nil {
		r.locked = *o.Locked
	}
	if len(o.Attributes) > 0 {
		attributes := attributesOf(r.attributes)
		for k, v := range o.Attributes {
			if v == nil {
				delete(attributes, k)
			} else {
				attributes[k] = *v
			}
		}
		r.attributes = attributesText(attributes)
	}
	if r.password.Empty && !r.require.Certificate() {
		return codeWeakPassword.New("Your password does not satisfy the current policy requirements: an account needs a password (IDENTIFIED BY) or a client certificate (REQUIRE X509)")
	}
	d.records[u.Name] = r
	if o.Defaults != nil {
		return d.setDefaults(u.Name, *o.Defaults)
	}
	return nil
}

func (r *record) identify(a Auth) error {
	switch a.Plugin {
	case "":
	case PluginSHA2, PluginNative:
		r.plugin = a.Plugin
	default:
		return codeNoPlugin.New("Plugin '%s' is not loaded", clip(a.Plugin))
	}
	if a.Current != nil && !r.password.is(*a.Current) {
		return codeWrongPassword.New("Incorrect current password. Specify the correct password which has to be replaced.")
	}
	if a.Password != nil {
		r.password = VerifierOf(*a.Password)
	} else if a.Plugin != "" {
		r.password = VerifierOf("") // as MySQL does: the method's data are replaced
	}
	return nil
}

// is reports whether a password is the one.
func (v Verifier) is(password string) bool {
	other := VerifierOf(password)
	return subtle.ConstantTimeCompare(v.SHA2[:], other.SHA2[:]) == 1
}

// DropUsers answers DROP USER.
func (d *Draft) DropUsers(users []string, ifExists bool) error {
	if !d.isAdmin() {
		return needsAdmin(needsCreateUser)
	}
	return each("DROP USER", users, func(name string) (string, bool) {
		a, ok := d.find(name)
		switch {
		case ok && a.Origin == FromFile:
			return inFile, false
		case !ok && ifExists && !d.isRole(name):
			d.note(noteMissing, "Authorization ID '"+clip(name)+"'@'%' does not exist.")
			return "", true
		case !ok:
			return "", false
		}
		delete(d.records, name)
		d.forget(name)
		return "", true
	})
}

// Rename is one pair of RENAME USER.
type Rename struct{ From, To string }

// RenameUsers answers RENAME USER: what has been granted goes along, and so do the roles.
func (d *Draft) RenameUsers(pairs []Rename) error {
	if !d.isAdmin() {
		return needsAdmin(needsCreateUser)
	}
	for _, p := range pairs {
		if d.isRole(p.From) {
			return codeRenameRole.New("Renaming of a role identifier is forbidden")
		}
		a, ok := d.find(p.From)
		why := ""
		if ok && a.Origin == FromFile {
			why = inFile
		}
		if !ok || why != "" || d.taken(p.To) || !isName(p.To) {
			return failed("RENAME USER", []string{p.From}, why)
		}
		d.records[p.To] = d.records[p.From]
		delete(d.records, p.From)
		for k, v := range maps.Clone(d.members) {
			if k.member == p.From {
				delete(d.members, k)
				d.members[member{k.role, p.To}] = v
			}
		}
		for g := range maps.Clone(d.grants) {
			if g.grantee == p.From {
				delete(d.grants, g)
				g.grantee = p.To
				d.grants[g] = true
			}
		}
	}
	return nil
}

// ParseAttributes reads the JSON object of ATTRIBUTE. Members that are null are to be removed.
func ParseAttributes(text string) (map[string]*string, error) {
	var members map[string]any
	if err := json.Unmarshal([]byte(text), &members); err != nil || members == nil {
		return nil, codeAttributes.New("The user attribute must be a valid JSON object")
	}
	out := make(map[string]*string, len(members))
	for k, v := range members {
		switch v := v.(type) {
		case nil:
			out[k] = nil
		case string:
			out[k] = &v
		case bool, float64:
			text, err := json.Marshal(v)
			if err != nil {
				return nil, err
			}
			s := string(text)
			out[k] = &s
		default:
			return nil, codeAttributes.New("The user attribute must be a valid JSON object: in Weir, of texts, numbers and booleans; %q is neither", clip(k))
		}
	}
	return out, nil
}

func attributesOf(text string) map[string]string {
	out := map[string]string{}
	_ = json.Unmarshal([]byte(text), &out) // it has been read before it came into a model
	return out
}

// attributesText is the JSON object of attributes, its keys in order.
func attributesText(a map[string]string) string {
	text, err := json.Marshal(a)
	if err != nil {
		panic(err) // texts can always be written
	}
	return string(text)
}

func names(users []User) []string {
	out := make([]string, len(users))
	for i, u := range users {
		out[i] = u.Name
	}
	return out
}

// setDefaults changes which of its roles are active after an account's login.
func (d *Draft) setDefaults(name string, r Roles) error {
	granted := d.rolesOf(name)
	want := map[string]bool{}
	switch r.Which {
	case All:
		for _, g := range granted {
			want[g] = true
		}
	case Those:
		for _, n := range r.Names {
			if !slices.Contains(granted, n) {
				return notGranted(n, name)
			}
			want[n] = true
		}
	case None:
	default:
		return sqlerr.Syntax.New("a default role is NONE, ALL, or a list of roles")
	}
	for _, g := range granted {
		k := member{g, name}
		m := d.members[k]
		m.byDefault = want[g]
		d.members[k] = m
	}
	return nil
}

// SetDefaultRole answers SET DEFAULT ROLE; everybody may set his own.
func (d *Draft) SetDefaultRole(r Roles, users []string) error {
	if !d.isAdmin() && !(len(users) == 1 && users[0] == d.actor.name) {
		return needsAdmin(needsCreateUser)
	}
	for _, u := range users {
		a, ok := d.find(u)
		if !ok {
			return failed("SET DEFAULT ROLE", []string{u}, "")
		}
		if a.Origin == FromFile {
			return failed("SET DEFAULT ROLE", []string{u}, inFile)
		}
		if err := d.setDefaults(u, r); err != nil {
			return err
		}
	}
	return nil
}
