package accountsql

import (
	"strings"

	"weir/engine/sqlerr"
	"weir/policy/account"
)

// parser reads a statement token by token. The first error stops it: from then on it stands at the end.
type parser struct {
	tokens []token
	at     int
	err    error
	secret bool // the text may hold a password, even without quotes
}

// maxTokens bounds a statement: each takes memory many times that of its text, and whoever has logged in may send one.
const maxTokens = 100_000

// Parse reads a statement about accounts. mine is false if the text is no such statement, whatever else it may be. ansi is the mode ANSI_QUOTES.
func Parse(s string, ansi bool) (_ Statement, mine bool, _ error) {
	l := &lexer{in: s, ansi: ansi}
	p := &parser{secret: tells(s)}
	for {
		t := l.next()
		p.tokens = append(p.tokens, t)
		if len(p.tokens) > maxTokens {
			return nil, true, sqlerr.Unsupported.New("This version of Weir doesn't yet support statements about accounts of more than %d words", maxTokens)
		}
		if len(p.tokens) == 3 && !isOne(p.tokens) {
			return nil, false, nil
		}
		if t.kind == end || t.kind == broken {
			break
		}
	}
	if !isOne(p.tokens) {
		return nil, false, nil
	}
	stmt := p.statement()
	for p.mark(";") { // the last one may be written
	}
	if p.err == nil && p.peek().kind != end {
		p.unexpected()
	}
	if p.err != nil {
		return nil, true, p.err
	}
	return stmt, true, nil
}

// isOne reports whether the first words are those of a statement about accounts.
func isOne(tokens []token) bool {
	var w [3]string
	for i := 0; i < len(w) && i < len(tokens) && tokens[i].kind == word; i++ {
		w[i] = strings.ToUpper(tokens[i].text)
	}
	switch w[0] {
	case "GRANT", "REVOKE":
		return true
	case "CREATE", "DROP":
		return w[1] == "USER" || w[1] == "ROLE"
	case "ALTER", "RENAME":
		return w[1] == "USER"
	case "SET":
		return w[1] == "ROLE" || w[1] == "PASSWORD" || w[1] == "DEFAULT" && w[2] == "ROLE"
	case "SHOW":
		return w[1] == "GRANTS" || w[1] == "CREATE" && w[2] == "USER"
	}
	return false
}

func (p *parser) statement() Statement {
	switch {
	case p.is("CREATE", "USER"):
		unless := p.is("IF", "NOT", "EXISTS")
		users, o := p.users(true)
		return &CreateUser{users, o, unless}
	case p.is("ALTER", "USER"):
		ifExists := p.is("IF", "EXISTS")
		users, o := p.users(false)
		return &AlterUser{users, o, ifExists}
	case p.is("DROP", "USER"):
		ifExists := p.is("IF", "EXISTS")
		return &DropUser{p.accounts(), ifExists}
	case p.is("RENAME", "USER"):
		s := &RenameUser{}
		for {
			from := p.account()
			p.need("TO")
			s.Pairs = append(s.Pairs, account.Rename{From: from, To: p.account()})
			if !p.mark(",") {
				return s
			}
		}
	case p.is("CREATE", "ROLE"):
		unless := p.is("IF", "NOT", "EXISTS")
		return &CreateRole{p.accounts(), unless}
	case p.is("DROP", "ROLE"):
		ifExists := p.is("IF", "EXISTS")
		return &DropRole{p.accounts(), ifExists}
	case p.is("GRANT"):
		return p.grant()
	case p.is("REVOKE"):
		return p.revoke()
	case p.is("SET", "ROLE"):
		if p.is("DEFAULT") {
			return &SetRole{account.Roles{Which: account.Defaults}}
		}
		return &SetRole{p.roles(true)}
	case p.is("SET", "DEFAULT", "ROLE"):
		roles := p.roles(false)
		p.need("TO")
		return &SetDefaultRole{roles, p.accounts()}
	case p.is("SET", "PASSWORD"):
		return p.setPassword()
	case p.is("SHOW", "GRANTS"):
		s := &ShowGrants{}
		if p.is("FOR") {
			s.For = p.accountOrSelf()
			if p.is("USING") {
				s.Using = p.accounts()
			}
		}
		return s
	case p.is("SHOW", "CREATE", "USER"):
		return &ShowCreateUser{p.accountOrSelf()}
	}
	p.unexpected()
	return nil
}

// peek is the next token.
func (p *parser) peek() token {
	if p.err != nil {
		return token{kind: end}
	}
	return p.tokens[p.at]
}

// take goes past the next token.
func (p *parser) take() token {
	t := p.peek()
	if t.kind != end && t.kind != broken {
		p.at++
	}
	return t
}

// is goes past keywords, if all of them come next.
func (p *parser) is(words ...string) bool {
	if p.err != nil || p.at+len(words) > len(p.tokens) {
		return false
	}
	for i, w := range words {
		if t := p.tokens[p.at+i]; t.kind != word || !strings.EqualFold(t.text, w) {
			return false
		}
	}
	p.at += len(words)
	return true
}

// need goes past keywords, which must come next.
func (p *parser) need(words ...string) {
	if !p.is(words...) {
		p.unexpected()
	}
}

// mark goes past a character of punctuation, if it comes next.
func (p *parser) mark(c string) bool {
	if t := p.peek(); t.kind == mark && t.text == c {
		p.at++
		return true
	}
	return false
}

// unexpected is the error of a token that can't stand where it does.
func (p *parser) unexpected() {
	if p.err != nil {
		return
	}
	near := ""
	switch t := p.peek(); {
	case t.kind == text, t.kind == broken, p.secret && t.kind != end && t.kind != mark:
		near = "<secret>"
	default:
		near = t.text
		if len(near) > 64 {
			near = near[:64] + "…"
		}
	}
	p.err = sqlerr.Syntax.New("You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version for the right syntax to use near '%s'", near)
}

// refuse is the error of a clause that MySQL has and Weir hasn't.
func (p *parser) refuse(what, instead string) {
	if p.err == nil {
		p.err = sqlerr.Unsupported.New("This version of Weir doesn't yet support %s%s", what, instead)
	}
}

// text reads a string literal.
func (p *parser) text() string {
	if p.peek().kind != text {
		p.unexpected()
	}
	return p.take().text
}

// bare are the keywords that can't be names without quotes, where a name is expected.
var bare = map[string]bool{"TO": true, "FROM": true, "ON": true, "WITH": true, "IDENTIFIED": true, "REQUIRE": true, "ACCOUNT": true, "DEFAULT": true, "USING": true,
	"AND": true, "GRANT": true, "REVOKE": true, "SELECT": true, "ALL": true, "EXCEPT": true, "NONE": true, "FOR": true, "CURRENT_USER": true}

// account reads the name of a user or a role, and its host part, which can only be %.
func (p *parser) account() string {
	var out string
	switch t := p.peek(); {
	case t.kind == name, t.kind == text, t.kind == word && !bare[strings.ToUpper(t.text)]:
		out = p.take().text
	default:
		p.unexpected()
		return ""
	}
	if out == "" {
		p.refuse("accounts without a name", "")
	}
	if p.mark("@") && !p.mark("%") {
		switch t := p.peek(); {
		case (t.kind == name || t.kind == text) && t.text == "%":
			p.at++
		case t.kind == name, t.kind == text, t.kind == word, t.kind == number:
			p.refuse("accounts that are bound to an address", ": write the host part as '%', or leave it out")
		default:
			p.unexpected()
		}
	}
	return out
}

// accountOrSelf is account, or empty for the session's user.
func (p *parser) accountOrSelf() string {
	if p.is("CURRENT_USER") {
		if p.mark("(") && !p.mark(")") {
			p.unexpected()
		}
		return ""
	}
	if p.at+2 < len(p.tokens) && p.tokens[p.at+1].text == "(" && p.tokens[p.at+1].kind == mark && p.is("USER") {
		p.at++
		if !p.mark(")") {
			p.unexpected()
		}
		return ""
	}
	return p.account()
}

func (p *parser) accounts() []string {
	out := []string{p.account()}
	for p.mark(",") {
		out = append(out, p.account())
	}
	return out
}

func (p *parser) accountsOrSelf() []string {
	out := []string{p.accountOrSelf()}
	for p.mark(",") {
		out = append(out, p.accountOrSelf())
	}
	return out
}

// roles reads NONE, ALL, ALL EXCEPT …, or a list.
func (p *parser) roles(except bool) account.Roles {
	switch {
	case p.is("NONE"):
		return account.Roles{Which: account.None}
	case except && p.is("ALL", "EXCEPT"):
		return account.Roles{Which: account.AllBut, Names: p.accounts()}
	case p.is("ALL"):
		return account.Roles{Which: account.All}
	}
	return account.Roles{Which: account.Those, Names: p.accounts()}
}
