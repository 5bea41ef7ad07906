package demo

import (
	"fmt"
	"strings"
)

const erpSchema = `
CREATE TABLE customers ( -- companies that have ordered or may order
	id INTEGER PRIMARY KEY, -- customer number
	name VARCHAR(120) NOT NULL, -- as in the commercial register
	vat_number VARCHAR(16) NOT NULL UNIQUE, -- VAT identification number; the key shared with CRM
	email VARCHAR(120) NOT NULL, -- where order confirmations go
	street VARCHAR(80) NOT NULL,
	postal_code VARCHAR(10) NOT NULL,
	city VARCHAR(60) NOT NULL,
	country VARCHAR(2) NOT NULL, -- ISO 3166 code
	currency VARCHAR(3) NOT NULL,
	credit_limit DECIMAL(12,2), -- NULL: pays in advance
	payment_days INT NOT NULL, -- days until an invoice is due
	customer_since DATE NOT NULL CHECK (customer_since IS date(customer_since)),
	blocked BOOLEAN NOT NULL -- no deliveries while set
);
CREATE TABLE suppliers ( -- companies that products are bought from
	id INTEGER PRIMARY KEY,
	name VARCHAR(120) NOT NULL,
	vat_number VARCHAR(16) NOT NULL UNIQUE,
	city VARCHAR(60) NOT NULL,
	country VARCHAR(2) NOT NULL,
	lead_days INT NOT NULL, -- usual days from order to delivery
	rating DECIMAL(3,2) -- 1 to 5; NULL: not rated yet
);
CREATE TABLE orders (
	id INTEGER PRIMARY KEY, -- order number
	customer_id INT NOT NULL REFERENCES customers (id),
	ordered_at DATETIME NOT NULL CHECK (ordered_at IS datetime(ordered_at)), -- UTC
	status VARCHAR(12) NOT NULL, -- open, shipped, invoiced or cancelled
	channel VARCHAR(10) NOT NULL, -- web, phone, edi or sales
	currency VARCHAR(3) NOT NULL,
	requested_on DATE CHECK (requested_on IS date(requested_on)) -- delivery date that the customer asked for
);
CREATE TABLE order_lines (
	order_id INT NOT NULL REFERENCES orders (id),
	line_no INT NOT NULL,
	sku VARCHAR(12) NOT NULL, -- article number; the key shared with inventory
	quantity INT NOT NULL CHECK (typeof(quantity) = 'integer'),
	unit_price DECIMAL(12,2) NOT NULL, -- before discount
	discount_percent DECIMAL(5,2) NOT NULL,
	net_amount DECIMAL(12,2) NOT NULL, -- after discount, without VAT
	PRIMARY KEY (order_id, line_no)
) WITHOUT ROWID;
CREATE TABLE invoices (
	id INTEGER PRIMARY KEY,
	invoice_no VARCHAR(14) NOT NULL UNIQUE,
	order_id INT NOT NULL REFERENCES orders (id),
	issued_on DATE NOT NULL CHECK (issued_on IS date(issued_on)),
	due_on DATE NOT NULL CHECK (due_on IS date(due_on)),
	net_total DECIMAL(14,2) NOT NULL,
	vat_total DECIMAL(14,2) NOT NULL,
	paid_on DATE CHECK (paid_on IS date(paid_on)) -- NULL: not paid yet
)`

const erpIndexes = `
CREATE INDEX orders_customer ON orders (customer_id);
CREATE INDEX orders_ordered_at ON orders (ordered_at);
CREATE INDEX order_lines_sku ON order_lines (sku);
CREATE INDEX invoices_order ON invoices (order_id);
CREATE VIEW open_orders AS
SELECT o.id, o.customer_id, o.ordered_at, o.requested_on, sum(l.net_amount) AS net_total
FROM orders AS o JOIN order_lines AS l ON l.order_id = o.id WHERE o.status = 'open' GROUP BY o.id`

func fillERP(out *writer, w *world) error {
	if err := out.run(erpSchema); err != nil {
		return err
	}
	for _, f := range []func(*writer, *world) error{addCustomers, addSuppliers, addOrders} {
		if err := f(out, w); err != nil {
			return err
		}
	}
	return out.run(erpIndexes)
}

func addCustomers(out *writer, w *world) error {
	t, err := out.table("customers", 13)
	if err != nil {
		return err
	}
	r := out.rand
	for i, c := range w.companies[:w.customers] {
		var limit any
		if r.IntN(12) > 0 {
			limit = money(500_000 * (1 + r.IntN(40)))
		}
		postal := strings.Map(func(x rune) rune {
			if x == '#' {
				return rune('1' + r.IntN(9))
			}
			return x
		}, c.country.postal)
		street := fmt.Sprintf("%s %d", pick(r, c.country.streets), 1+r.IntN(180))
		if err := t.add(10_001+i, c.official, c.vat, "orders@"+c.domain, street, postal, c.city, c.country.code, c.country.currency, limit, 14+r.IntN(4)*16,
			c.customerFrom, r.IntN(60) == 0); err != nil {
			return err
		}
	}
	return nil
}

func addSuppliers(out *writer, w *world) error {
	t, err := out.table("suppliers", 7)
	if err != nil {
		return err
	}
	for i, s := range w.suppliers {
		var rating any
		if out.rand.IntN(8) > 0 {
			rating = money(100 + out.rand.IntN(401))
		}
		if err := t.add(501+i, s.name, s.vat, s.city, s.country.code, 3+out.rand.IntN(60), rating); err != nil {
			return err
		}
	}
	return nil
}

// vatPercent is a round rate; the exact one of each country would add nothing here.
const vatPercent = 20

func addOrders(out *writer, w *world) error {
	orders, err := out.table("orders", 7)
	if err != nil {
		return err
	}
	lines, err := out.table("order_lines", 7)
	if err != nil {
		return err
	}
	invoices, err := out.table("invoices", 8)
	if err != nil {
		return err
	}
	r := out.rand
	buyers := newLottery(w.customers, func(i int) float64 { return w.companies[i].weight })
	goods := newLottery(len(w.products), func(i int) float64 { return w.products[i].popularity })
	count, invoice := w.customers*5, 0
	for i := range count {
		buyer := buyers.draw(r)
		c := &w.companies[buyer]
		on := day(int(lastDay) * i / count) // order numbers follow time
		on = max(on, min(c.customerFrom, lastDay))
		status := "invoiced"
		switch age := lastDay - on; {
		case r.IntN(40) == 0:
			status = "cancelled"
		case age < 45:
			status = weighted(r, []string{"open", "shipped", "invoiced"}, []int{60, 25, 15})
		case age < 90:
			status = weighted(r, []string{"open", "shipped", "invoiced"}, []int{8, 22, 70})
		}
		var requested any
		if r.IntN(3) > 0 {
			requested = on + day(2+r.IntN(28))
		}
		id := 700_001 + i
		if err := orders.add(id, 10_001+buyer, out.at(on), status, weighted(r, []string{"web", "edi", "sales", "phone"}, []int{45, 25, 20, 10}), c.country.currency, requested); err != nil {
			return err
		}
		total := money(0)
		discount := r.IntN(4) * 250 // hundredths of a percent, by customer's order
		for n := range 1 + min(12, int(r.ExpFloat64()*3.4)) {
			p := &w.products[goods.draw(r)]
			quantity := 1 + int(r.ExpFloat64()*float64(60_000/(int(p.price)+400)))
			net := (p.price*money(quantity)*money(10_000-discount) + 5_000) / 10_000
			total += net
			if err := lines.add(id, n+1, p.sku, quantity, p.price, money(discount), net); err != nil {
				return err
			}
		}
		if status == "invoiced" {
			invoice++
			issued := min(on+day(2+r.IntN(9)), lastDay)
			due := issued + day(14+r.IntN(4)*16)
			var paid any
			if p := due + day(r.NormFloat64()*12-6); p > issued && p <= lastDay {
				paid = p
			}
			if err := invoices.add(invoice, fmt.Sprintf("R-%s-%06d", issued.String()[:4], invoice), id, issued, due, total, total*vatPercent/100, paid); err != nil {
				return err
			}
		}
	}
	return nil
}
