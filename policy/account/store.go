package account

import (
	"encoding/hex"
	"encoding/json"
	"fmt"

	"weir/catalog/state"
)

// topic names the accounts in the state store.
const topic = "accounts"

// readRows reads all that the store keeps. A row that isn't understood is an error: half of the grants would be worse than none.
func readRows(tx *state.Tx) (rows, error) {
	r := newRows()
	err := tx.Query(func(scan func(...any) error) error {
		var name, kind, native, sha2, require string
		var locked int
		var x record
		if err := scan(&name, &kind, &x.plugin, &native, &sha2, &locked, &require, &x.attributes); err != nil {
			return err
		}
		x.role, x.locked = kind == kindRole, locked != 0
		if err := x.password.decode(native, sha2); err != nil {
			return fmt.Errorf("account %q: %w", name, err)
		}
		if err := json.Unmarshal([]byte(require), &x.require); err != nil {
			return fmt.Errorf("account %q: its demands: %w", name, err)
		}
		if err := json.Unmarshal([]byte(x.attributes), &map[string]string{}); err != nil {
			return fmt.Errorf("account %q: its attributes: %w", name, err)
		}
		r.records[name] = x
		return nil
	}, "SELECT name, kind, plugin, native, sha2, locked, require, attributes FROM weir_accounts")
	if err != nil {
		return r, err
	}
	err = tx.Query(func(scan func(...any) error) error {
		var k member
		var admin, byDefault int
		if err := scan(&k.role, &k.member, &admin, &byDefault); err != nil {
			return err
		}
		r.members[k] = membership{admin != 0, byDefault != 0}
		return nil
	}, "SELECT role_name, member, admin_option, is_default FROM weir_role_members")
	if err != nil {
		return r, err
	}
	return r, tx.Query(func(scan func(...any) error) error {
		var g grant
		if err := scan(&g.grantee, &g.privilege, &g.on.Database, &g.on.Table, &g.on.Column); err != nil {
			return err
		}
		r.grants[g] = true
		return nil
	}, "SELECT grantee, privilege, database_name, table_name, column_name FROM weir_grants")
}

const kindUser, kindRole = "user", "role"

// writeRows writes what has changed.
func writeRows(tx *state.Tx, before, after rows) error {
	err := writeMap(before.records, after.records,
		func(name string) error { return tx.Exec("DELETE FROM weir_accounts WHERE name = ?", name) },
		func(name string, x record) error {
			kind := kindUser
			if x.role {
				kind = kindRole
			}
			require, err := json.Marshal(x.require)
			if err != nil {
				return err
			}
			native, sha2 := x.password.encode()
			return tx.Exec("INSERT INTO weir_accounts (name, kind, plugin, native, sha2, locked, require, attributes) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
				name, kind, x.plugin, native, sha2, number(x.locked), string(require), x.attributes)
		})
	if err != nil {
		return err
	}
	err = writeMap(before.members, after.members,
		func(k member) error {
			return tx.Exec("DELETE FROM weir_role_members WHERE role_name = ? AND member = ?", k.role, k.member)
		},
		func(k member, x membership) error {
			return tx.Exec("INSERT INTO weir_role_members (role_name, member, admin_option, is_default) VALUES (?, ?, ?, ?)",
				k.role, k.member, number(x.admin), number(x.byDefault))
		})
	if err != nil {
		return err
	}
	return writeMap(before.grants, after.grants,
		func(g grant) error {
			return tx.Exec("DELETE FROM weir_grants WHERE grantee = ? AND privilege = ? AND database_name = ? AND table_name = ? AND column_name = ?",
				g.grantee, string(g.privilege), g.on.Database, g.on.Table, g.on.Column)
		},
		func(g grant, _ bool) error {
			return tx.Exec("INSERT INTO weir_grants (grantee, privilege, database_name, table_name, column_name) VALUES (?, ?, ?, ?, ?)",
				g.grantee, string(g.privilege), g.on.Database, g.on.Table, g.on.Column)
		})
}

// writeMap removes the rows that are gone or different, then adds those that are new or different.
func writeMap[K, V comparable](before, after map[K]V, remove func(K) error, add func(K, V) error) error {
	for k, v := range before {
		if now, ok := after[k]; !ok || now != v {
			if err := remove(k); err != nil {
				return err
			}
		}
	}
	for k, v := range after {
		if old, ok := before[k]; !ok || old != v {
			if err := add(k, v); err != nil {
				return err
			}
		}
	}
	return nil
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

// encode writes a verifier for the store; two empty texts are no password.
func (v Verifier) encode() (native, sha2 string) {
	if v.Empty {
		return "", ""
	}
	return hex.EncodeToString(v.Native[:]), hex.EncodeToString(v.SHA2[:])
}

func (v *Verifier) decode(native, sha2 string) error {
	if native == "" && sha2 == "" {
		*v = VerifierOf("")
		return nil
	}
	n, err1 := hex.DecodeString(native)
	s, err2 := hex.DecodeString(sha2)
	if err1 != nil || err2 != nil || len(n) != len(v.Native) || len(s) != len(v.SHA2) {
		return fmt.Errorf("its password can't be read")
	}
	copy(v.Native[:], n)
	copy(v.SHA2[:], s)
	return nil
}
