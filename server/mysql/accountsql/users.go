package accountsql

import (
	"strings"

	"weir/policy/account"
)

// users reads what stands after CREATE USER or ALTER USER.
func (p *parser) users(create bool) ([]account.User, account.Options) {
	var users []account.User
	for {
		u := account.User{}
		if create {
			u.Name = p.account()
		} else {
			u.Name = p.accountOrSelf()
		}
		switch {
		case p.is("IDENTIFIED"):
			u.Auth = p.identified(create)
		case p.is("DISCARD"):
			p.refuse("second passwords (DISCARD OLD PASSWORD)", "")
		case p.is("ADD"), p.is("MODIFY"), p.is("INITIATE"), p.is("FINISH"), p.is("UNREGISTER"):
			p.refuse("more than one login method for an account", "")
		}
		if p.is("AND") {
			p.refuse("more than one login method for an account", "")
		}
		users = append(users, u)
		if !p.mark(",") {
			break
		}
	}
	return users, p.options(create, len(users))
}

// identified reads what stands after IDENTIFIED.
func (p *parser) identified(create bool) *account.Auth {
	a := &account.Auth{}
	if p.is("WITH") {
		switch t := p.peek(); t.kind {
		case word, name, text:
			a.Plugin = strings.ToLower(p.take().text)
		default:
			p.unexpected()
		}
	}
	switch {
	case p.is("BY"):
		if p.is("RANDOM") {
			p.refuse("random passwords", ": give one with IDENTIFIED BY")
		}
		if p.is("PASSWORD") {
			p.refuse("passwords given as a hash", ": give the password itself with IDENTIFIED BY")
		}
		s := p.text()
		a.Password = &s
	case p.is("AS"):
		p.refuse("passwords given as a hash", ": give the password itself with IDENTIFIED BY")
	case a.Plugin == "":
		p.unexpected()
	}
	if !create && p.is("REPLACE") {
		s := p.text()
		a.Current = &s
	}
	if p.is("RETAIN") {
		p.refuse("second passwords (RETAIN CURRENT PASSWORD)", "")
	}
	return a
}

// options reads what CREATE USER or ALTER USER says of all its users.
func (p *parser) options(create bool, users int) account.Options {
	o := account.Options{}
	if p.is("DEFAULT", "ROLE") {
		var r account.Roles
		if create {
			r = account.Roles{Which: account.Those, Names: p.accounts()}
		} else {
			r = p.roles(false)
			if users != 1 {
				p.unexpected()
			}
		}
		o.Defaults = &r
	}
	if p.is("REQUIRE") {
		o.Require = p.require()
	}
	if p.is("WITH") {
		p.refuse("limits of an account ("+p.peekWord()+")", ": limits of the server are in weir.yaml")
	}
	for p.err == nil {
		switch {
		case p.is("ACCOUNT"):
			locked := p.is("LOCK")
			if !locked {
				p.need("UNLOCK")
			}
			o.Locked = &locked
		case p.is("PASSWORD"):
			p.refuse("rules for passwords (PASSWORD "+p.peekWord()+")", "")
		case p.is("FAILED_LOGIN_ATTEMPTS"), p.is("PASSWORD_LOCK_TIME"):
			p.refuse("an account's own limit of failed logins", ": the server slows them down for all accounts")
		case p.is("ATTRIBUTE"):
			s := p.text()
			if p.err != nil {
				return o
			}
			o.Attributes, p.err = account.ParseAttributes(s)
			return o
		case p.is("COMMENT"):
			s := p.text()
			o.Attributes = map[string]*string{"comment": &s}
			return o
		default:
			return o
		}
	}
	return o
}

func (p *parser) peekWord() string {
	if t := p.peek(); t.kind == word {
		return strings.ToUpper(t.text)
	}
	return ""
}

// require reads what stands after REQUIRE.
func (p *parser) require() *account.Require {
	r := &account.Require{}
	switch {
	case p.is("NONE"):
		return r
	case p.is("SSL"):
		r.SSL = true
		return r
	case p.is("X509"):
		r.X509 = true
		return r
	}
	for {
		switch {
		case p.is("SUBJECT"):
			r.Subject = p.text()
		case p.is("ISSUER"):
			r.Issuer = p.text()
		case p.is("CIPHER"):
			p.refuse("a cipher that an account demands (REQUIRE CIPHER)", "")
		default:
			p.unexpected()
		}
		if p.err != nil {
			return r
		}
		p.is("AND")
		if w := p.peekWord(); w != "SUBJECT" && w != "ISSUER" && w != "CIPHER" {
			return r
		}
	}
}

// setPassword reads what stands after SET PASSWORD.
func (p *parser) setPassword() Statement {
	u := account.User{Auth: &account.Auth{}}
	if p.is("FOR") {
		u.Name = p.accountOrSelf()
	}
	switch {
	case p.mark("="):
		if w := p.peekWord(); w == "PASSWORD" || w == "OLD_PASSWORD" {
			p.refuse("the function PASSWORD()", ": give the password itself")
		}
		s := p.text()
		u.Auth.Password = &s
	case p.is("TO", "RANDOM"):
		p.refuse("random passwords", ": give one with SET PASSWORD = '…'")
	default:
		p.unexpected()
	}
	if p.is("REPLACE") {
		s := p.text()
		u.Auth.Current = &s
	}
	if p.is("RETAIN") {
		p.refuse("second passwords (RETAIN CURRENT PASSWORD)", "")
	}
	return &AlterUser{Users: []account.User{u}}
}
