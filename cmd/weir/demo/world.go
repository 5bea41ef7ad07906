package demo

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
)

// world is what the three systems have in common.
type world struct {
	companies []company // the first customers of them are in the ERP system, the others are CRM's prospects
	customers int
	products  []product
	suppliers []supplier
}

// company is a real company, of which each system knows something.
type company struct {
	stem         string
	branch       branch
	country      *country
	city         string
	official     string // as the ERP system has it
	casual       string // as somebody typed it into the CRM system
	vat          string
	domain       string
	weight       float64 // how much it buys, relative to others
	inCRM        bool
	owner        string
	customerFrom day
}

type product struct {
	sku, name, category string
	price, cost         money
	weight              float64 // kilograms
	supplier            int
	discontinued        bool
	popularity          float64
}

type supplier struct {
	name, vat, city string
	country         *country
}

func newWorld(o Options) *world {
	r := rand.New(rand.NewPCG(o.Seed, 0))
	w := &world{customers: o.Customers}
	taken := map[string]int{}
	for i := range o.Customers + o.Customers/6 {
		c := newCompany(r, taken)
		c.inCRM = i >= o.Customers || r.IntN(100) < 78
		w.companies = append(w.companies, c)
	}
	for range max(40, o.Customers/30) {
		c := newCompany(r, taken)
		w.suppliers = append(w.suppliers, supplier{c.official, c.vat, c.city, c.country})
	}
	w.addProducts(r, max(200, o.Customers/6))
	return w
}

func newCompany(r *rand.Rand, taken map[string]int) company {
	c := company{stem: pick(r, stems), branch: pick(r, branches), owner: pick(r, owners), country: pickCountry(r)}
	c.city = pick(r, c.country.cities)
	name := c.stem + " " + c.branch.long
	taken[name]++
	if taken[name] > 1 { // as real ones do, a second company of a name says where it is, and a third counts
		name += " " + c.city
		taken[name]++
		if n := taken[name]; n > 1 {
			name += fmt.Sprintf(" %d", n)
		}
	}
	legal := pick(r, c.country.legal)
	c.official = name + " " + legal
	switch r.IntN(10) {
	case 0, 1:
		c.official = strings.ToUpper(name) + " " + legal
	case 2:
		c.official = strings.Replace(c.official, c.stem, strings.ToUpper(c.stem), 1)
	}
	c.casual = casual(r, c, name)
	var b strings.Builder
	b.WriteString(c.country.code)
	if c.country.code == "AT" {
		b.WriteByte('U')
	}
	for range c.country.vatDigits {
		b.WriteByte(byte('0' + r.IntN(10)))
	}
	c.vat = b.String()
	c.domain = strings.Trim(strings.Map(hostRune, transliterate(strings.ToLower(name))), "-") + "." + strings.ToLower(strings.Replace(c.country.code, "GB", "co.uk", 1))
	c.weight = math.Exp(r.NormFloat64() * 1.1)
	c.customerFrom = day(min(float64(lastDay-30), math.Abs(r.NormFloat64())*300)) // most were customers early on
	return c
}

func pickCountry(r *rand.Rand) *country {
	n := r.IntN(100)
	for i := range countries {
		if n < countries[i].weight {
			return &countries[i]
		}
		n -= countries[i].weight
	}
	return &countries[0]
}

// casual spells a company's name the way a salesperson does: without its legal form, shortened, with or without umlauts.
func casual(r *rand.Rand, c company, name string) string {
	s := name
	if r.IntN(3) > 0 {
		s = strings.Replace(s, c.branch.long, c.branch.short, 1)
	}
	switch r.IntN(8) {
	case 0:
		s = transliterate(s)
	case 1:
		s = strings.ToLower(s)
	case 2:
		s = "Fa. " + s
	case 3:
		s += " (" + c.city + ")"
	case 4:
		s = c.stem
	}
	if r.IntN(25) == 0 {
		s += " "
	}
	return s
}

var plain = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "Ä", "Ae", "Ö", "Oe", "Ü", "Ue", "ß", "ss", "é", "e", "è", "e", "à", "a", "ø", "oe", "Ø", "Oe", "ś", "s", "ł", "l", "Ł", "L",
	"ó", "o", "ń", "n", "å", "a", "ı", "i", "’", "", "ç", "c", "í", "i", "á", "a", "Ö", "Oe")

func transliterate(s string) string { return plain.Replace(s) }

func hostRune(r rune) rune {
	switch {
	case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
		return r
	}
	return '-'
}

func (w *world) addProducts(r *rand.Rand, n int) {
	for i := range n {
		f := families[i%len(families)]
		price := money(float64(f.low) * math.Pow(float64(f.high)/float64(f.low), r.Float64()))
		size := 2 + r.IntN(98)
		p := product{
			sku:      fmt.Sprintf("%s-%05d", f.code, 10_000+i),
			name:     fmt.Sprintf("%s %d %s", pick(r, f.nouns), size, pick(r, finishes)),
			category: f.category, price: max(price, 5), weight: math.Round(math.Exp(r.NormFloat64())*1000) / 1000,
			supplier: r.IntN(len(w.suppliers)), discontinued: r.IntN(20) == 0, popularity: math.Exp(r.NormFloat64() * 1.2),
		}
		p.cost = max(1, p.price*money(45+r.IntN(30))/100)
		w.products = append(w.products, p)
	}
}

// lottery draws indexes with given weights.
type lottery struct {
	alias []int
	limit []float64
}

// newLottery builds Vose's alias table, so that a draw takes one look.
func newLottery(n int, weight func(int) float64) *lottery {
	l := &lottery{alias: make([]int, n), limit: make([]float64, n)}
	total := 0.0
	for i := range n {
		total += weight(i)
	}
	var small, large []int
	for i := range n {
		l.limit[i] = weight(i) * float64(n) / total
		l.alias[i] = i
		if l.limit[i] < 1 {
			small = append(small, i)
		} else {
			large = append(large, i)
		}
	}
	for len(small) > 0 && len(large) > 0 {
		s, g := small[len(small)-1], large[len(large)-1]
		small = small[:len(small)-1]
		l.alias[s] = g
		if l.limit[g] -= 1 - l.limit[s]; l.limit[g] < 1 {
			large = large[:len(large)-1]
			small = append(small, g)
		}
	}
	return l
}

func (l *lottery) draw(r *rand.Rand) int {
	i := r.IntN(len(l.alias))
	if r.Float64() < l.limit[i] {
		return i
	}
	return l.alias[i]
}
