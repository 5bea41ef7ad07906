package plan

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"weir/catalog/config"
	"weir/engine/bind"
	"weir/engine/rel"
	"weir/policy"
	"weir/policy/pseudonym"
	"weir/sources"
)

// The tables whose columns a policy masks, and the masks.
var masks = map[string]map[string]string{
	"erp.persons": {"email": "weir_pseudonym('email', email)", "no": "weir_pseudonym('no', no)", "phone": "weir_hash('phone', phone)"},
	"crm.people":  {"mail": "weir_pseudonym('email', mail)", "code": "weir_pseudonym('no', code)"},
}

// clients are the same in all systems: a table with a row filter, and with masks as a policy file has them.
var (
	clients = table("clients", 20000, column("id", integer, 0), column("name", text, 19000), column("phone", text, 19000), column("city", text, 300),
		column("balance", money, 0), column("visits", rel.Type{Kind: rel.SmallInt}, 100), column("born", day, 9000))
	clientMasks = map[string]config.Mask{
		"name": {Kind: "pseudonym"}, "phone": {Kind: "partial", First: 2, Last: 2}, "balance": {Kind: "bucket", Step: "100"},
		"visits": {Kind: "round", Digits: -1}, "born": {Kind: "truncate", Unit: "month"},
	}
)

const clientFilter = "city <> 'Bonn' OR id < 100"

// testRing has one number in every run, so that plans can be compared with golden files.
type testRing struct{ *pseudonym.Keyring }

func (testRing) Number() int64 { return 1 }

var ring = func() testRing {
	var key strings.Builder
	for i := range 32 {
		fmt.Fprintf(&key, "%02x", i*5)
	}
	material := pseudonym.Material(key.String())
	r, err := pseudonym.NewKeyring(map[string]pseudonym.Domain{pseudonym.Default: {Keys: map[string]pseudonym.Material{"k1": material}}})
	if err != nil {
		panic(err)
	}
	return testRing{r}
}()

var tokenOf = regexp.MustCompile(`\{(\w+):([^}]*)\}`)

// withTokens puts tokens in the place of {domain:text}.
func withTokens(statement string) string {
	return tokenOf.ReplaceAllStringFunc(statement, func(s string) string {
		m := tokenOf.FindStringSubmatch(s)
		make, err := ring.Masker(pseudonym.Pseudonym, m[1], "")
		if err != nil {
			panic(err)
		}
		token, _ := make(nil, m[2])
		return "'" + string(token) + "'"
	})
}

// masked puts the masks of a table on its scan.
func masked(db string, t *sources.Table, scan rel.Node, ids *rel.IDs) (rel.Node, error) {
	m := masks[db+"."+t.Name]
	var v bind.View
	if t == clients {
		var err error
		if v.Filter, err = bind.ParseExpr(context.Background(), clientFilter); err != nil {
			return nil, err
		}
		m = map[string]string{}
		for i := range t.Columns {
			if mask, ok := clientMasks[t.Columns[i].Name]; ok {
				m[t.Columns[i].Name], _ = policy.MaskSQL(mask, &t.Columns[i])
			}
		}
	}
	if m == nil {
		return scan, nil
	}
	for _, c := range t.Columns {
		x := bind.ViewColumn{Name: c.Name}
		if mask, ok := clientMasks[c.Name]; ok && t == clients {
			_, x.SameType = policy.MaskSQL(mask, &c)
		}
		if text := m[c.Name]; text != "" {
			var err error
			if x.Expr, err = bind.ParseExpr(context.Background(), text); err != nil {
				return nil, err
			}
		}
		v.Columns = append(v.Columns, x)
	}
	return bind.BindView(context.Background(), scan, db, t.Name, v,
		&bind.Env{Tables: described{}, Session: session{}, Now: time.Unix(1.7e9, 0).UTC(), IDs: ids, Keyring: ring, Keyed: true})
}
