package duck

import "strings"

// The functions that work with keys: weir_<mask>(domain, text, ring), with an option before the ring for the fakes. Domain, option and ring are
// the same in all rows of a call; what depends on them is made once for each chunk of rows.

func init() {
	for _, name := range []string{"pseudonym", "hash"} {
		register(function{name: "weir_" + name, in: []kind{kindText, kindText, kindInt}, out: kindText, eval: func(a *args) error {
			return mask(a, name, a.text(0), "", a.int(2), a.text(1))
		}})
	}
	for _, name := range []string{"fake_email", "fake_phone", "fake_card", "fake_iban"} {
		register(function{name: "weir_" + name, in: []kind{kindText, kindText, kindText, kindInt}, out: kindText, eval: func(a *args) error {
			return mask(a, name, a.text(0), a.text(2), a.int(3), a.text(1))
		}})
	}
	for _, name := range []string{"reveal", "renew"} {
		register(function{name: "weir_" + name, in: []kind{kindText, kindInt}, out: kindText, eval: func(a *args) error {
			return mask(a, name, "", "", a.int(1), a.text(0))
		}})
	}
}

// masker is what makes a mask, kept from row to row.
type masker struct {
	domain, option string
	ring           int64
	make           func(dst []byte, text string) ([]byte, bool)
	made           []byte
}

func mask(a *args, name, domain, option string, ring int64, text string) error {
	m, _ := a.memo.(*masker)
	if m == nil || m.ring != ring || m.domain != domain || m.option != option {
		r, err := a.keys.ring(ring)
		if err != nil {
			return err
		}
		// What a row's text is in is borrowed.
		m = &masker{domain: strings.Clone(domain), option: strings.Clone(option), ring: ring}
		if m.make, err = r.Masker(name, m.domain, m.option); err != nil {
			return err
		}
		a.memo = m
	}
	made, ok := m.make(m.made[:0], text)
	m.made = made
	if ok {
		a.setBytes(made)
	}
	return nil
}
