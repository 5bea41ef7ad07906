package demo

import (
	"context"
	"fmt"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// ask returns the first column of a query's rows; the databases are attached under their names.
func ask(t *testing.T, dir, query string) []string {
	t.Helper()
	db, err := sqlite.OpenConn(":memory:", sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, name := range Names {
		if err := sqlitex.ExecuteTransient(db, fmt.Sprintf("ATTACH '%s' AS %s", Path(dir, name), name), nil); err != nil {
			t.Fatal(err)
		}
	}
	var out []string
	if err := sqlitex.ExecuteTransient(db, query, &sqlitex.ExecOptions{ResultFunc: func(s *sqlite.Stmt) error {
		out = append(out, s.ColumnText(0))
		return nil
	}}); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return out
}

func TestGenerate(t *testing.T) {
	dir := t.TempDir()
	start := time.Now()
	if err := Generate(context.Background(), dir, Options{Seed: 1}); err != nil {
		t.Fatal(err)
	}
	t.Logf("generated in %v", time.Since(start))
	for _, c := range []struct {
		what string
		min  int
	}{
		{"count(*) FROM erp.customers", 10_000}, {"count(*) FROM erp.orders", 50_000}, {"count(*) FROM erp.order_lines", 200_000}, {"count(*) FROM erp.invoices", 40_000},
		{"count(*) FROM erp.suppliers", 100}, {"count(*) FROM crm.accounts", 9_000}, {"count(*) FROM crm.contacts", 15_000}, {"count(*) FROM crm.opportunities", 10_000},
		{"count(*) FROM crm.activities", 30_000}, {"count(*) FROM inventory.products", 1_500}, {"count(*) FROM inventory.warehouses", 8},
		{"count(*) FROM inventory.stock_levels", 10_000}, {"count(*) FROM inventory.stock_movements", 40_000},
		{"count(*) FROM erp.customers JOIN crm.accounts USING (vat_number)", 9_000},
		{"count(*) FROM erp.customers JOIN crm.accounts USING (vat_number) WHERE customers.name <> accounts.name", 9_000},
		{"count(*) FROM crm.accounts WHERE vat_number IS NULL", 500},
		{"count(*) FROM erp.orders WHERE status = 'open'", 1_000},
		{"count(*) FROM erp.open_orders", 1_000},
	} {
		var n int
		if _, err := fmt.Sscan(ask(t, dir, "SELECT "+c.what)[0], &n); err != nil || n < c.min {
			t.Errorf("%s: %d, want at least %d", c.what, n, c.min)
		}
	}
	for _, c := range []string{
		"SELECT id FROM erp.orders WHERE customer_id NOT IN (SELECT id FROM erp.customers)",
		"SELECT sku FROM erp.order_lines WHERE sku NOT IN (SELECT sku FROM inventory.products)",
		"SELECT sku FROM inventory.products WHERE supplier_vat NOT IN (SELECT vat_number FROM erp.suppliers)",
		"SELECT id FROM crm.activities AS a WHERE contact_id NOT IN (SELECT id FROM crm.contacts AS c WHERE c.account_id = a.account_id)",
		"SELECT id FROM erp.invoices WHERE net_total <> round((SELECT sum(net_amount) FROM erp.order_lines AS l WHERE l.order_id = invoices.order_id), 2)",
		"SELECT order_id FROM erp.order_lines WHERE net_amount <> round(net_amount, 2) OR quantity < 1 OR net_amount <= 0",
		"SELECT id FROM erp.orders WHERE ordered_at NOT GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9]'",
	} {
		if rows := ask(t, dir, c); len(rows) > 0 {
			t.Errorf("%d rows, such as %s: %s", len(rows), rows[0], c)
		}
	}
}

// The same seed gives the same rows, another one gives others.
func TestGenerateIsSeeded(t *testing.T) {
	sums := map[string]bool{}
	for _, seed := range []uint64{7, 7, 8} {
		dir := t.TempDir()
		if err := Generate(context.Background(), dir, Options{Seed: seed, Customers: 200}); err != nil {
			t.Fatal(err)
		}
		sums[fmt.Sprint(ask(t, dir, "SELECT sum(length(name) * id) FROM erp.customers"), ask(t, dir, "SELECT sum(net_amount) FROM erp.order_lines"),
			ask(t, dir, "SELECT sum(length(owner) * id) FROM crm.accounts"), ask(t, dir, "SELECT sum(on_hand * warehouse_id) FROM inventory.stock_levels"))] = true
	}
	if len(sums) != 2 {
		t.Errorf("three runs with two seeds gave %d different results", len(sums))
	}
}

func TestGenerateStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := Generate(ctx, t.TempDir(), Options{Customers: 200}); err == nil {
		t.Error("a cancelled run made databases")
	}
}
