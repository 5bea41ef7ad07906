package engine

import (
	"context"
	"errors"

	"weir/catalog/config"
	"weir/engine/bind"
	"weir/engine/plan"
	"weir/policy/pseudonym"
)

// asked is what a statement has asked for that its observation must tell.
type asked struct{ reveals bool }

// newKeyring makes the keys of a configuration; nil: it has none.
func newKeyring(p *config.Policies) (*pseudonym.Keyring, error) {
	if p == nil || len(p.Keys) == 0 {
		return nil, nil
	}
	domains := map[string]pseudonym.Domain{}
	for _, k := range p.Keys {
		name := k.Domain
		if name == "" {
			name = pseudonym.Default
		}
		d := domains[name]
		if d.Keys == nil {
			d.Keys = map[string]pseudonym.Material{}
		}
		d.Keys[k.ID] = pseudonym.Material(k.Key)
		if k.KMS != "" {
			m, err := pseudonym.Fetch(context.Background(), pseudonym.Files{Directory: p.KMS.Directory}, k.KMS)
			if err != nil {
				return nil, err
			}
			d.Keys[k.ID] = m
		}
		if k.Current {
			d.Current = k.ID
		}
		domains[name] = d
	}
	return pseudonym.NewKeyring(domains)
}

// keyring is what binding is given of the keys. An interface that holds a nil pointer isn't nil.
func (p *policies) keyring() bind.Keyring {
	if p.ring == nil {
		return nil
	}
	return p.ring
}

// tokens is what planning is given of the keys.
func (p *policies) tokens() plan.Tokens {
	if p.ring == nil {
		return nil
	}
	return p.ring
}

// keyed gives a statement's environment its keys, and says whether its principal may have the texts of tokens. What a user writes may not make
// pseudonyms of its own: Env.Keyed stays false.
func (d *door) keyed(env *bind.Env, stmt Statement) {
	env.Keyring = d.policies.keyring()
	env.Reveal = func() error {
		if stmt.asked != nil {
			stmt.asked.reveals = true
		}
		if !d.policies.set.MayReveal(stmt.Principal) {
			return errors.New("none of the user's roles may reveal")
		}
		return nil
	}
}
