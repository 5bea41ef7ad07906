package account

// CreateRoles answers CREATE ROLE.
func (d *Draft) CreateRoles(roles []string, unless bool) error {
	if !d.isAdmin() {
		return needsAdmin("CREATE ROLE")
	}
	return each("CREATE ROLE", roles, func(name string) (string, bool) {
		switch {
		case !isName(name):
			return "a name has 1 to 32 characters, none of them a control character", false
		case d.taken(name) && unless:
			d.note(noteExists, "Authorization ID '"+clip(name)+"'@'%' already exists.")
			return "", true
		case d.known[name] && !d.records[name].role:
			return "the role stands in weir.yaml and needn't be created", false
		case d.taken(name):
			return "", false
		}
		d.records[name] = newRole()
		return "", true
	})
}

func newRole() record {
	return record{role: true, plugin: PluginSHA2, password: VerifierOf(""), locked: true, attributes: "{}"}
}

// DropRoles answers DROP ROLE.
func (d *Draft) DropRoles(roles []string, ifExists bool) error {
	if !d.isAdmin() {
		return needsAdmin("DROP ROLE")
	}
	return each("DROP ROLE", roles, func(name string) (string, bool) {
		_, isUser := d.find(name)
		switch {
		case d.known[name]:
			return "the role stands in weir.yaml", false
		case !d.isRole(name) && ifExists && !isUser:
			d.note(noteMissing, "Authorization ID '"+clip(name)+"'@'%' does not exist.")
			return "", true
		case !d.isRole(name):
			return "", false
		}
		delete(d.records, name)
		d.forget(name)
		return "", true
	})
}

// GrantRoles answers GRANT of roles. Without the role Admin, one needs each of them with ADMIN OPTION.
func (d *Draft) GrantRoles(roles, to []string, admin bool) error {
	if err := d.mayPassOn(roles); err != nil {
		return err
	}
	for _, r := range roles {
		if !d.isRole(r) {
			return unknownRole(r)
		}
		for _, t := range to {
			if err := d.mayHold("GRANT", t, unknownRole(t)); err != nil {
				return err
			}
			if r == t || d.reaches(r, t) {
				return codeRoleLoop.New("User account %s is directly or indirectly granted to the role %s. The GRANT would create a loop", id(r), id(t))
			}
			d.adopt(r)
			d.adopt(t)
			k := member{r, t}
			m := d.members[k]
			m.admin = m.admin || admin
			d.members[k] = m
		}
	}
	return nil
}

// RevokeRoles answers REVOKE of roles.
func (d *Draft) RevokeRoles(roles, from []string, ifExists, ignoreUnknown bool) error {
	if err := d.mayPassOn(roles); err != nil {
		return err
	}
	for _, r := range roles {
		for _, f := range from {
			if err := d.mayHold("REVOKE", f, unknownRole(f)); err != nil {
				if !ignoreUnknown || d.file[f] != nil {
					return err
				}
				d.note(noteMissing, "Authorization ID '"+clip(f)+"'@'%' does not exist.")
				continue
			}
			k := member{r, f}
			if _, ok := d.members[k]; !ok {
				if !ifExists {
					return notGranted(r, f)
				}
				d.note(codeRoleNotGranted.Code, notGranted(r, f).Error())
				continue
			}
			delete(d.members, k)
		}
	}
	return nil
}

// mayPassOn returns an error unless the actor may grant and revoke roles.
func (d *Draft) mayPassOn(roles []string) error {
	if d.isAdmin() {
		return nil
	}
	for _, r := range roles {
		may := false
		for _, h := range d.holders() {
			may = may || d.members[member{r, h}].admin
		}
		if !may {
			return needsAdmin("WITH ADMIN, ROLE_ADMIN, SUPER")
		}
	}
	return nil
}

// reaches reports whether a role holds another one, itself or by one that it holds.
func (d *Draft) reaches(role, other string) bool {
	for _, r := range d.all([]string{role}) {
		if r == other {
			return true
		}
	}
	return false
}

func unknownRole(name string) error {
	return codeUnknownRole.New("Unknown authorization ID %s", id(name))
}
