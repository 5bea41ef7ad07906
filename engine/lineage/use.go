package lineage

import "math/bits"

// Use is a set of ways in which an output depends on a column.
type Use uint16

// The ways. Identity, Transformation and Aggregation are direct: values flow. The others are indirect.
const (
	Identity Use = 1 << iota
	Transformation
	Aggregation
	Join
	GroupBy
	Filter
	Sort
	Window
	Conditional

	direct = Identity | Transformation | Aggregation
)

var useNames = [...]string{"IDENTITY", "TRANSFORMATION", "AGGREGATION", "JOIN", "GROUP_BY", "FILTER", "SORT", "WINDOW", "CONDITIONAL"}

// Direct reports whether values flow in any of the ways.
func (u Use) Direct() bool { return u&direct != 0 }

// Each calls f for every single way in the set.
func (u Use) Each(f func(Use)) {
	for ; u != 0; u &= u - 1 {
		f(u & -u)
	}
}

// String is OpenLineage's subtype of a single way, or several with a plus sign between.
func (u Use) String() string {
	s := ""
	u.Each(func(one Use) {
		if s != "" {
			s += "+"
		}
		s += useNames[bits.TrailingZeros16(uint16(one))]
	})
	return s
}

// through is what becomes of a use when the value that depends so is itself used in one way.
func (u Use) through(how Use) Use {
	if u == 0 || how == Identity {
		return u
	}
	if !how.Direct() {
		return how
	}
	flows, rest := u&direct, u&^direct
	if how == Transformation && flows&Identity != 0 {
		flows = flows&^Identity | Transformation
	}
	if how == Aggregation && flows != 0 {
		flows = Aggregation
	}
	return rest | flows
}

// compose is the way in which a part of an expression is used that is used so itself.
func compose(outer, inner Use) Use {
	if !outer.Direct() {
		return outer
	}
	return inner.through(outer)
}
