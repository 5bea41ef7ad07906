package differential

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"weir/test/reference"
)

// RandomPolicy makes the policy of a seed over a data set, which c's reference holds as it is.
func RandomPolicy(ctx context.Context, c *reference.Client, set *reference.Set, seed uint64, groups bool) (*Policy, error) {
	m := &maker{Rand: rand.New(rand.NewPCG(seed, 0x901c)), set: set}
	name := fmt.Sprintf("p%d", seed)
	p := &Policy{User: User{Name: name, Roles: []string{"r" + name, "shared"}, Attributes: map[string]string{}}, Seen: &reference.Set{}, Behind: &reference.Set{},
		Least: map[string]least{}}
	p.Attributes["region"] = pick(m, []string{"north", "North", "west", "🙂", "", "it's"})
	p.Attributes["code"] = strconv.Itoa(m.IntN(30))
	linked := m.links()
	for _, t := range set.Tables {
		if m.chance(0.03) {
			p.rule(m, "table: "+t.Database+"."+t.Name+", hide: true")
			continue
		}
		v := &view{table: t}
		for i, col := range t.Columns {
			v.columns = append(v.columns, viewed{Column: col, from: i})
		}
		if m.chance(0.4) {
			v.filter = m.check(ctx, c, p, v, func() (sqlText, bool) { return m.rowFilter(t, p), true })
			if v.filter != "" {
				p.rule(m, "table: "+t.Database+"."+t.Name+", filter: "+strconv.Quote(string(v.filter)))
			}
		}
		if groups && m.chance(0.7) {
			m.group(p, v)
		}
		m.maskColumns(ctx, c, p, v, linked)
		seen, behind, err := v.look(ctx, c, p.User)
		if err != nil {
			return nil, err
		}
		p.Seen.Tables, p.Behind.Tables = append(p.Seen.Tables, seen), append(p.Behind.Tables, behind)
	}
	return p, nil
}

// families are columns that hold the same things.
var families = [][]string{
	{"pg.customers.id", "pg.customers.parent_id", "pg.orders.customer_id", "pg.regions.head_id", "my.contacts.customer_id"},
	{"pg.orders.product_id", "my.activities.product_id", "lite.products.id", "lite.products.parent_id", "lite.stock.product_id"},
	{"pg.customers.region", "pg.regions.code", "my.accounts.region", "lite.warehouses.region"},
	{"pg.customers.email", "my.contacts.email"},
	{"my.accounts.id", "my.contacts.account_id", "my.activities.account_id"},
}

// links are the columns that are to have pseudonyms of one domain.
func (m *maker) links() []string {
	if m.chance(0.5) {
		return nil
	}
	return pick(m, families)
}

// rule adds a rule for the policy's user, and sometimes one before it that is for somebody else.
func (p *Policy) rule(m *maker, text string) {
	n := len(p.Rules)
	if m.chance(0.2) {
		p.Rules = append(p.Rules, fmt.Sprintf("{name: %s rule %d, roles: [nobody, auditors], show: true}", p.Name, n))
	}
	who := pick(m, []string{"roles: [r" + p.Name + "]", "users: [" + p.Name + "]", "users: [" + p.Name + "], not: [nobody]"})
	p.Rules = append(p.Rules, fmt.Sprintf("{name: %s rule %d of it, %s, %s}", p.Name, n, who, text))
}

// maskColumns hides and masks some columns of a view.
func (m *maker) maskColumns(ctx context.Context, c *reference.Client, p *Policy, v *view, linked []string) {
	t := v.table
	var hidden []int
	for i := range v.columns {
		col := &v.columns[i]
		name := t.Database + "." + t.Name + "." + col.Name
		if slices.Contains(linked, name) {
			k := keyedMask(col.Column, "pseudonym", "people")
			p.mask(m, name, k, col)
			continue
		}
		chance := 0.3
		if slices.Contains(t.Key, col.Name) || strings.HasSuffix(col.Name, "_id") {
			chance = 0.08
		}
		switch {
		case !m.chance(chance):
		case m.chance(0.12) && len(hidden) < len(v.columns)-1:
			p.rule(m, "column: "+name+", hide: true")
			hidden = append(hidden, i)
		case m.chance(0.35):
			m.maskBySQL(ctx, c, p, v, i)
		default:
			p.mask(m, name, m.randomMask(col.Column), col)
		}
	}
	for _, i := range slices.Backward(hidden) {
		v.columns = slices.Delete(v.columns, i, i+1)
	}
}

// mask adds the rule of a mask: by the column, or by a tag.
func (p *Policy) mask(m *maker, name string, k mask, col *viewed) {
	about := "column: " + name
	if m.chance(0.25) {
		about = fmt.Sprintf("tag: t.%s.%d", p.Name, len(p.Tags))
		p.Tags = append(p.Tags, fmt.Sprintf("{tag: t.%s.%d, columns: [%s]}", p.Name, len(p.Tags), name))
	}
	p.rule(m, about+", mask: "+k.yaml)
	k.from = col.from
	*col = k.viewed
}

// tableScope is what a policy's SQL may read of its own table.
func tableScope(m *maker, t *reference.Table, subqueries bool) *scope {
	s := m.open([]*relation{tableRelation(t, t.Name)}, nil)
	s.nodeep = !subqueries
	return s
}

// rowFilter makes a predicate over a table.
func (m *maker) rowFilter(t *reference.Table, p *Policy) sqlText {
	m.room = 25
	s := tableScope(m, t, true)
	var out printer
	switch m.IntN(3) {
	case 0:
		out.expr(m.expr(s, cBool, 2))
	case 1:
		if e := m.subquery(s, cBool, 1); e != nil {
			out.expr(e)
			break
		}
		fallthrough
	default:
		out.expr(m.simplePredicate(s))
	}
	text := out.String()
	switch m.IntN(6) {
	case 0:
		if e := m.columnOf(s, cText); e != nil {
			var name printer
			name.expr(e)
			text = "(" + name.String() + " >= attr('region') or " + text + ")"
		}
	case 1:
		text = "(has_role(" + quoted(pick(m, []string{"shared", "nobody"})) + ") or " + text + ")"
	case 2:
		text = "(not has_role('nobody') and attr('nothing') is null and " + text + ")"
	case 3:
		text = "(concat('p', " + t.Name + "." + t.Key[0] + ") = current_user() or " + text + ")"
	case 4:
		if e := m.columnOf(s, cInt); e != nil {
			var name printer
			name.expr(e)
			text = "(" + name.String() + " <> attr('code') and " + text + ")"
		}
	}
	return sqlText(text)
}

// check makes policies' SQL until there is one that the reference runs, and that keeps some rows if that is wanted of it; empty if there is none.
func (m *maker) check(ctx context.Context, c *reference.Client, p *Policy, v *view, text func() (sqlText, bool)) sqlText {
	for range 8 {
		s, ok := text()
		if !ok {
			continue
		}
		res := c.Query(ctx, "select count(*) from "+raw+v.table.Database+"."+v.table.Name+" where "+s.onReference(p.User))
		if res.Err == nil && (*res.Rows[0][0] != "0" || len(v.table.Rows) == 0 || m.chance(0.1)) {
			return s
		}
	}
	return ""
}

// maskBySQL masks a column of a view by an expression over the table.
func (m *maker) maskBySQL(ctx context.Context, c *reference.Client, p *Policy, v *view, i int) {
	t := v.table
	for range 8 {
		m.room = 20
		e := m.expr(tableScope(m, t, m.chance(0.2)), m.anyClass(), 2)
		if e.t.hidden || e.t.approx || e.t.loose || e.t.mixed || e.t.class == cDouble || e.leaf {
			continue
		}
		var out printer
		out.expr(e)
		text := sqlText(out.String())
		if m.chance(0.2) && e.t.class == cText {
			text = sqlText("case when has_role('shared') then ") + text + " else attr('region') end"
		}
		col, ok := m.declared(ctx, c, p, t, text, e.t)
		if !ok {
			continue
		}
		col.Name = v.columns[i].Name
		k := mask{"{sql: " + strconv.Quote(string(text)) + "}", viewed{Column: col, sql: text}}
		p.mask(m, t.Database+"."+t.Name+"."+col.Name, k, &v.columns[i])
		return
	}
}

// declared is the column that the reference makes of an expression over a table; not ok if it fails for a row.
func (m *maker) declared(ctx context.Context, c *reference.Client, p *Policy, t *reference.Table, text sqlText, kind typ) (reference.Column, bool) {
	made := reference.Column{}
	if c.Exec(ctx, "create or replace table "+raw+"pg.scratch as select "+text.onReference(p.User)+" as c from "+raw+t.Database+"."+t.Name) != nil {
		return made, false
	}
	res := c.Query(ctx, "show columns from "+raw+"pg.scratch")
	if res.Err != nil || len(res.Rows) != 1 {
		return made, false
	}
	made.Declared, made.Unsigned, made.Max = *res.Rows[0][1], kind.unsigned, math.Pow(10, kind.mag)-1
	inside := func() (out []int) {
		_, size, _ := strings.Cut(made.Declared, "(")
		size, _, _ = strings.Cut(size, ")")
		for _, n := range strings.Split(size, ",") {
			i, _ := strconv.Atoi(n)
			out = append(out, i)
		}
		return out
	}()
	begins := func(s string) bool { return strings.HasPrefix(made.Declared, s) }
	switch kind.class {
	case cInt:
		made.Kind = reference.BigInt
		return made, strings.Contains(made.Declared, "int(") && made.Unsigned == strings.Contains(made.Declared, "unsigned")
	case cDec:
		made.Kind = reference.Decimal
		if !begins("decimal(") || len(inside) != 2 || inside[0] > 38 {
			return made, false
		}
		made.Precision, made.Scale = inside[0], inside[1]
		return made, true
	case cText:
		made.Kind, made.Length = reference.VarChar, max(kind.length, inside[0])
		return made, begins("varchar(") && made.Length <= maxText || begins("text") || begins("longtext")
	case cDate:
		made.Kind = reference.Date
		return made, made.Declared == "date"
	case cDateTime:
		made.Kind, made.Scale = reference.DateTime, inside[0]
		return made, begins("datetime")
	case cTime:
		made.Kind, made.Scale = reference.Time, inside[0]
		return made, begins("time") && !begins("timestamp")
	}
	return made, false
}
