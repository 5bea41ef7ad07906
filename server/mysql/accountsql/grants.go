package accountsql

import (
	"strings"

	"weir/policy/account"
)

// before reports whether one keyword comes before another one, outside of parentheses.
func (p *parser) before(first, second string) bool {
	depth := 0
	for _, t := range p.tokens[p.at:] {
		switch {
		case t.kind == mark && t.text == "(":
			depth++
		case t.kind == mark && t.text == ")":
			depth--
		case depth == 0 && t.kind == word && strings.EqualFold(t.text, first):
			return true
		case depth == 0 && t.kind == word && strings.EqualFold(t.text, second):
			return false
		}
	}
	return false
}

// grant reads what stands after GRANT.
func (p *parser) grant() Statement {
	if p.is("PROXY") {
		p.refuse("proxy accounts (GRANT PROXY)", "")
		return nil
	}
	if !p.before("ON", "TO") {
		s := &GrantRoles{Roles: p.accounts()}
		p.need("TO")
		s.To = p.accountsOrSelf()
		if p.is("WITH") {
			p.need("ADMIN", "OPTION")
			s.Admin = true
		}
		return s
	}
	s := &Grant{Privileges: p.privileges()}
	p.need("ON")
	s.Privileges.On, s.Here = p.level(len(s.Privileges.Columns) > 0)
	p.need("TO")
	s.To = p.accountsOrSelf()
	if p.is("WITH") {
		if strings.HasPrefix(p.peekWord(), "MAX_") {
			p.refuse("limits of an account ("+p.peekWord()+")", "")
		}
		p.need("GRANT", "OPTION")
		s.Privileges.GrantOption = true
	}
	if p.is("AS") {
		p.refuse("GRANT … AS", "")
	}
	return s
}

// revoke reads what stands after REVOKE.
func (p *parser) revoke() Statement {
	ifExists := p.is("IF", "EXISTS")
	if p.is("PROXY") {
		p.refuse("proxy accounts (REVOKE PROXY)", "")
		return nil
	}
	if start := p.at; p.is("ALL") {
		p.is("PRIVILEGES")
		if p.mark(",") {
			p.need("GRANT", "OPTION")
			p.need("FROM")
			s := &RevokeAll{From: p.accountsOrSelf()}
			s.IgnoreUnknown = p.is("IGNORE", "UNKNOWN", "USER")
			return s
		}
		p.at = start
	}
	if !p.before("ON", "FROM") {
		s := &RevokeRoles{Roles: p.accounts(), IfExists: ifExists}
		p.need("FROM")
		s.From = p.accountsOrSelf()
		s.IgnoreUnknown = p.is("IGNORE", "UNKNOWN", "USER")
		return s
	}
	s := &Revoke{Privileges: p.privileges(), IfExists: ifExists}
	p.need("ON")
	s.Privileges.On, s.Here = p.level(len(s.Privileges.Columns) > 0)
	p.need("FROM")
	s.From = p.accountsOrSelf()
	s.IgnoreUnknown = p.is("IGNORE", "UNKNOWN", "USER")
	return s
}

// privileges reads a list of privileges. ALL is the one that there is: SELECT.
func (p *parser) privileges() account.Privileges {
	out := account.Privileges{}
	for {
		switch {
		case p.is("ALL"):
			p.is("PRIVILEGES")
			out.Select = true
		case p.is("USAGE"):
		case p.is("GRANT", "OPTION"):
			out.GrantOption = true
		case p.is("SELECT"):
			if !p.mark("(") {
				out.Select = true
				break
			}
			for {
				switch t := p.peek(); t.kind {
				case word, name:
					out.Columns = append(out.Columns, p.take().text)
				default:
					p.unexpected()
				}
				if !p.mark(",") {
					break
				}
			}
			if !p.mark(")") {
				p.unexpected()
			}
		case p.peek().kind == word:
			var words []string
			for p.peek().kind == word && !strings.EqualFold(p.peek().text, "ON") {
				words = append(words, strings.ToUpper(p.take().text))
			}
			p.refuse("the privilege "+clip(strings.Join(words, " ")), ": it only reads, and of MySQL's privileges it knows SELECT, USAGE and GRANT OPTION; who holds the role admin administers")
		default:
			p.unexpected()
		}
		if p.err != nil || !p.mark(",") {
			return out
		}
	}
}

func clip(s string) string {
	if len(s) > 64 {
		return s[:64] + "…"
	}
	return s
}

// level reads what stands after ON. here says that it is in the default database.
func (p *parser) level(columns bool) (l account.Level, here bool) {
	if p.is("FUNCTION") || p.is("PROCEDURE") {
		p.refuse("privileges on routines", "")
		return l, false
	}
	p.is("TABLE")
	if p.mark("*") {
		if p.mark(".") {
			if !p.mark("*") {
				p.unexpected()
			}
			return l, false
		}
		return l, true
	}
	first := p.identifier()
	if !p.mark(".") {
		l.Table = first
		return l, true
	}
	if !p.mark("*") {
		l.Database, l.Table = first, p.identifier()
		return l, false
	}
	l.Database = p.pattern(first)
	return l, false
}

func (p *parser) identifier() string {
	switch t := p.peek(); {
	case t.kind == name && t.text != "", t.kind == word:
		return p.take().text
	}
	p.unexpected()
	return ""
}

// pattern is the database that a name stands for where MySQL takes it for a pattern: a wildcard that is escaped stands for itself. An underscore that isn't
// does so too, so that no more is granted than is written; patterns are refused.
func (p *parser) pattern(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '_' || s[i+1] == '%'):
			i++
			b.WriteByte(s[i])
		case s[i] == '%':
			p.refuse("patterns of databases in GRANT and REVOKE", ": name each database")
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}
