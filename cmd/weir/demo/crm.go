package demo

import (
	"fmt"
	"math"
	"strings"
)

const crmSchema = `
CREATE TABLE accounts ( -- companies that sales talks to; customers and prospects
	id INTEGER PRIMARY KEY,
	name VARCHAR(120) NOT NULL, -- as the owner typed it
	vat_number VARCHAR(16), -- the key shared with ERP; NULL: not asked yet
	industry VARCHAR(20) NOT NULL,
	segment VARCHAR(10) NOT NULL, -- key, growth or long tail
	owner VARCHAR(40) NOT NULL, -- account manager
	website VARCHAR(120),
	city VARCHAR(60),
	country VARCHAR(2) NOT NULL,
	created_at DATETIME NOT NULL CHECK (created_at IS datetime(created_at))
);
CREATE TABLE contacts (
	id INTEGER PRIMARY KEY,
	account_id INT NOT NULL REFERENCES accounts (id),
	first_name VARCHAR(40) NOT NULL,
	last_name VARCHAR(40) NOT NULL,
	role VARCHAR(30),
	email VARCHAR(120) NOT NULL,
	phone VARCHAR(30)
);
CREATE TABLE opportunities (
	id INTEGER PRIMARY KEY,
	account_id INT NOT NULL REFERENCES accounts (id),
	name VARCHAR(80) NOT NULL,
	stage VARCHAR(12) NOT NULL, -- lead, qualified, proposal, won or lost
	amount DECIMAL(12,2), -- NULL: not estimated yet
	probability INT NOT NULL, -- percent
	closes_on DATE NOT NULL CHECK (closes_on IS date(closes_on)),
	category VARCHAR(20) NOT NULL -- product category, as in inventory
);
CREATE TABLE activities (
	id INTEGER PRIMARY KEY,
	account_id INT NOT NULL REFERENCES accounts (id),
	contact_id INT REFERENCES contacts (id),
	kind VARCHAR(10) NOT NULL, -- call, mail, visit or demo
	subject VARCHAR(80) NOT NULL,
	happened_at DATETIME NOT NULL CHECK (happened_at IS datetime(happened_at)),
	minutes INT
)`

const crmIndexes = `
CREATE UNIQUE INDEX accounts_vat ON accounts (vat_number);
CREATE INDEX accounts_owner ON accounts (owner);
CREATE INDEX contacts_account ON contacts (account_id);
CREATE INDEX contacts_email ON contacts (email);
CREATE INDEX opportunities_account ON opportunities (account_id);
CREATE INDEX activities_account ON activities (account_id)`

// person is a contact.
type person struct{ id, account int }

func fillCRM(out *writer, w *world) error {
	if err := out.run(crmSchema); err != nil {
		return err
	}
	var known []*company // account number i+1 is known[i]
	for i := range w.companies {
		if w.companies[i].inCRM {
			known = append(known, &w.companies[i])
		}
	}
	out.rand.Shuffle(len(known), func(a, b int) { known[a], known[b] = known[b], known[a] })
	if err := addAccounts(out, known, w); err != nil {
		return err
	}
	people, err := addContacts(out, known)
	if err != nil {
		return err
	}
	if err := addOpportunities(out, known); err != nil {
		return err
	}
	if err := addActivities(out, people); err != nil {
		return err
	}
	return out.run(crmIndexes)
}

func addAccounts(out *writer, known []*company, w *world) error {
	t, err := out.table("accounts", 10)
	if err != nil {
		return err
	}
	r := out.rand
	customers := map[string]bool{}
	for _, c := range w.companies[:w.customers] {
		customers[c.vat] = true
	}
	for i, c := range known {
		var vat, site, city any = c.vat, "https://www." + c.domain, c.city
		if !customers[c.vat] && r.IntN(3) > 0 {
			vat = nil
		}
		if r.IntN(7) == 0 {
			site = nil
		}
		if r.IntN(9) == 0 {
			city = nil
		}
		segment := "long tail"
		switch {
		case c.weight > 4:
			segment = "key"
		case c.weight > 1.2:
			segment = "growth"
		}
		if err := t.add(i+1, c.casual, vat, c.branch.industry, segment, c.owner, site, city, c.country.code, out.at(min(c.customerFrom, lastDay))); err != nil {
			return err
		}
	}
	return nil
}

func addContacts(out *writer, known []*company) ([]person, error) {
	t, err := out.table("contacts", 7)
	if err != nil {
		return nil, err
	}
	r := out.rand
	var people []person
	for i, c := range known {
		for range 1 + r.IntN(3) {
			first, last := pick(r, firstNames), pick(r, lastNames)
			p := person{len(people) + 1, i + 1}
			mailbox := strings.Trim(strings.Map(hostRune, strings.ToLower(transliterate(first+" "+last))), "-")
			var phone, role any = fmt.Sprintf("%s%07d", c.country.phone, r.IntN(10_000_000)), pick(r, roles)
			if r.IntN(6) == 0 {
				phone = nil
			}
			if r.IntN(8) == 0 {
				role = nil
			}
			if err := t.add(p.id, p.account, first, last, role, strings.ReplaceAll(mailbox, "-", ".")+"@"+c.domain, phone); err != nil {
				return nil, err
			}
			people = append(people, p)
		}
	}
	return people, nil
}

func addOpportunities(out *writer, known []*company) error {
	t, err := out.table("opportunities", 8)
	if err != nil {
		return err
	}
	r := out.rand
	accounts := newLottery(len(known), func(i int) float64 { return known[i].weight })
	stages := []string{"lead", "qualified", "proposal", "won", "lost"}
	odds := map[string]int{"lead": 10, "qualified": 30, "proposal": 60, "won": 100, "lost": 0}
	for i := range len(known) * 3 / 2 {
		f := pick(r, families)
		stage := weighted(r, stages, []int{20, 18, 14, 30, 18})
		closes := day(r.IntN(int(lastDay)))
		if odds[stage] > 0 && odds[stage] < 100 {
			closes = lastDay + day(r.IntN(180))
		}
		var amount any
		if stage != "lead" || r.IntN(2) == 0 {
			amount = money(50_000 * math.Exp(r.NormFloat64()) * 10)
		}
		if err := t.add(i+1, 1+accounts.draw(r), fmt.Sprintf("%s, %d pcs", pick(r, f.nouns), 10*(1+r.IntN(90))), stage, amount, odds[stage], closes, f.category); err != nil {
			return err
		}
	}
	return nil
}

func addActivities(out *writer, people []person) error {
	t, err := out.table("activities", 7)
	if err != nil {
		return err
	}
	r := out.rand
	subjects := map[string][]string{
		"call":  {"Price inquiry", "Delivery date", "Complaint", "Follow-up", "Introduction"},
		"mail":  {"Offer sent", "Reminder", "Catalogue", "Order confirmation", "Re: delivery"},
		"visit": {"Annual review", "On-site visit", "Trade fair", "Framework contract"},
		"demo":  {"Product demo", "Sample test"},
	}
	count := len(people) * 2
	for i := range count {
		p := people[r.IntN(len(people))]
		kind := weighted(r, []string{"call", "mail", "visit", "demo"}, []int{40, 42, 14, 4})
		var contact, minutes any = p.id, 5 * (1 + r.IntN(24))
		if r.IntN(10) == 0 {
			contact = nil
		}
		if kind == "mail" {
			minutes = nil
		}
		if err := t.add(i+1, p.account, contact, kind, pick(r, subjects[kind]), out.at(day(int(lastDay)*i/count)), minutes); err != nil {
			return err
		}
	}
	return nil
}
