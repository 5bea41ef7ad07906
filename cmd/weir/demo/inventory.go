package demo

import (
	"fmt"
)

const inventorySchema = `
CREATE TABLE products (
	sku VARCHAR(12) NOT NULL PRIMARY KEY, -- article number; the key shared with ERP
	name VARCHAR(80) NOT NULL,
	category VARCHAR(20) NOT NULL,
	unit_cost DECIMAL(12,2) NOT NULL,
	list_price DECIMAL(12,2) NOT NULL,
	weight_kg DECIMAL(8,3), -- NULL: not weighed yet
	supplier_vat VARCHAR(16) NOT NULL, -- as in ERP's suppliers
	discontinued BOOLEAN NOT NULL
) WITHOUT ROWID;
CREATE TABLE warehouses (
	id INTEGER PRIMARY KEY,
	code VARCHAR(3) NOT NULL UNIQUE,
	name VARCHAR(60) NOT NULL,
	city VARCHAR(60) NOT NULL,
	country VARCHAR(2) NOT NULL
);
CREATE TABLE stock_levels (
	sku VARCHAR(12) NOT NULL REFERENCES products (sku),
	warehouse_id INT NOT NULL REFERENCES warehouses (id),
	on_hand INT NOT NULL, -- pieces on the shelf
	reserved INT NOT NULL, -- of those, promised to orders
	reorder_point INT NOT NULL,
	counted_on DATE CHECK (counted_on IS date(counted_on)), -- last stocktaking; NULL: never counted
	PRIMARY KEY (sku, warehouse_id)
) WITHOUT ROWID;
CREATE TABLE stock_movements (
	id INTEGER PRIMARY KEY,
	sku VARCHAR(12) NOT NULL REFERENCES products (sku),
	warehouse_id INT NOT NULL REFERENCES warehouses (id),
	kind VARCHAR(10) NOT NULL, -- receipt, issue, transfer or correction
	quantity INT NOT NULL, -- negative: out of the warehouse
	moved_at DATETIME NOT NULL CHECK (moved_at IS datetime(moved_at)),
	reference VARCHAR(16) -- order or delivery note
)`

const inventoryIndexes = `
CREATE INDEX products_category ON products (category);
CREATE INDEX stock_movements_sku ON stock_movements (sku)`

func fillInventory(out *writer, w *world) error {
	if err := out.run(inventorySchema); err != nil {
		return err
	}
	for _, f := range []func(*writer, *world) error{addProductRows, addStock, addMovements} {
		if err := f(out, w); err != nil {
			return err
		}
	}
	return out.run(inventoryIndexes)
}

func addProductRows(out *writer, w *world) error {
	t, err := out.table("products", 8)
	if err != nil {
		return err
	}
	for _, p := range w.products {
		var weight any = p.weight
		if out.rand.IntN(15) == 0 {
			weight = nil
		}
		if err := t.add(p.sku, p.name, p.category, p.cost, p.price, weight, w.suppliers[p.supplier].vat, p.discontinued); err != nil {
			return err
		}
	}
	return nil
}

func addStock(out *writer, w *world) error {
	places, err := out.table("warehouses", 5)
	if err != nil {
		return err
	}
	for i, h := range warehouses {
		if err := places.add(i+1, h.code, h.name, h.city, h.country); err != nil {
			return err
		}
	}
	t, err := out.table("stock_levels", 6)
	if err != nil {
		return err
	}
	r := out.rand
	for _, p := range w.products {
		for i := range warehouses {
			if r.IntN(5) == 0 {
				continue // not kept here
			}
			target := 1 + int(2*p.popularity*60_000/(float64(p.price)+400))
			onHand := int(float64(target) * r.ExpFloat64())
			if p.discontinued {
				onHand /= 8
			}
			var counted any = lastDay - day(r.IntN(400))
			if r.IntN(20) == 0 {
				counted = nil
			}
			if err := t.add(p.sku, i+1, onHand, r.IntN(onHand/2+1), target/3, counted); err != nil {
				return err
			}
		}
	}
	return nil
}

func addMovements(out *writer, w *world) error {
	t, err := out.table("stock_movements", 7)
	if err != nil {
		return err
	}
	r := out.rand
	goods := newLottery(len(w.products), func(i int) float64 { return w.products[i].popularity })
	count := len(w.products) * 25
	for i := range count {
		kind := weighted(r, []string{"issue", "receipt", "transfer", "correction"}, []int{70, 20, 8, 2})
		quantity := 1 + int(r.ExpFloat64()*20)
		var reference any
		switch kind {
		case "issue":
			quantity, reference = -quantity, fmt.Sprintf("%d", 700_001+w.customers*5*i/count)
		case "receipt":
			quantity, reference = quantity*5, fmt.Sprintf("DN-%06d", r.IntN(1_000_000))
		case "correction":
			quantity -= 20
		}
		if err := t.add(i+1, w.products[goods.draw(r)].sku, 1+r.IntN(len(warehouses)), kind, quantity, out.at(day(int(lastDay)*i/count)), reference); err != nil {
			return err
		}
	}
	return nil
}
