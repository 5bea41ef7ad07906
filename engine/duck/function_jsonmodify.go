package duck

import "slices"

// JSON functions that change documents. Values are parsed anew for each row, so they are changed in place.

func init() {
	many := func(name string, in []kind, eval func(a *args) error) {
		register(function{name: "weir_" + name, in: in, rest: kindText, variadic: true, out: kindText, nulls: true, eval: eval})
	}
	pairs := []kind{kindText, kindText, kindText}
	many("json_set", pairs, changePairs(func(v *jsonValue, steps []step, x *jsonValue) *jsonValue { return v.set(steps, x, true, true) }))
	many("json_insert", pairs, changePairs(func(v *jsonValue, steps []step, x *jsonValue) *jsonValue { return v.set(steps, x, true, false) }))
	many("json_replace", pairs, changePairs(func(v *jsonValue, steps []step, x *jsonValue) *jsonValue { return v.set(steps, x, false, true) }))
	many("json_array_append", pairs, changePairs(func(v *jsonValue, steps []step, x *jsonValue) *jsonValue {
		v.find(steps, func(at *jsonValue) { at.wrap(); at.items = append(at.items, x) })
		return v
	}))
	many("json_array_insert", pairs, func(a *args) error {
		for i := 1; i < a.n(); i += 2 {
			if a.null(i) {
				continue
			}
			steps, err := plainPath(a, i)
			if err != nil {
				return err
			}
			if len(steps) == 0 || steps[len(steps)-1].member {
				return errCell
			}
		}
		return changePairs(func(v *jsonValue, steps []step, x *jsonValue) *jsonValue {
			cell := steps[len(steps)-1]
			v.find(steps[:len(steps)-1], func(at *jsonValue) {
				if at.kind != jsonArray {
					return
				}
				i, ok := cell.index(len(at.items))
				if !ok {
					i = 0
				}
				at.items = slices.Insert(at.items, min(i, len(at.items)), x)
			})
			return v
		})(a)
	})
	many("json_remove", []kind{kindText, kindText}, jsonRemove)
	many("json_merge_patch", []kind{kindText, kindText}, jsonMerge(mergePatch))
	many("json_merge_preserve", []kind{kindText, kindText}, jsonMerge(mergePreserve))
}

// changePairs applies a change for each pair of a path and a value. A NULL document or path gives NULL; a NULL value is null.
func changePairs(change func(v *jsonValue, steps []step, x *jsonValue) *jsonValue) func(a *args) error {
	return func(a *args) error {
		if a.null(0) {
			return nil
		}
		v, err := parseJSON(a.text(0), false)
		if err != nil {
			return err
		}
		for i := 1; i+1 < a.n(); i += 2 {
			if a.null(i) {
				return nil
			}
			steps, err := plainPath(a, i)
			if err != nil {
				return err
			}
			x := jsonNullValue
			if !a.null(i + 1) {
				if x, err = parseJSON(a.text(i+1), false); err != nil {
					return err
				}
			}
			v = change(v, steps, x)
		}
		return setJSON(a, v)
	}
}

// set puts x at a path: where a value is, if replace is set; where none is but its parent is, if insert is.
func (v *jsonValue) set(steps []step, x *jsonValue, insert, replace bool) *jsonValue {
	if len(steps) == 0 {
		if replace {
			return x
		}
		return v
	}
	s, rest := steps[0], steps[1:]
	if s.member {
		for i, m := range v.members {
			if m.name == s.name {
				v.members[i].value = m.value.set(rest, x, insert, replace)
				return v
			}
		}
		if v.kind == jsonObject && len(rest) == 0 && insert {
			v.put(s.name, x)
			v.sorted()
		}
		return v
	}
	if v.kind != jsonArray {
		if i, ok := s.index(1); ok && i == 0 { // a value is its own only element
			return v.set(rest, x, insert, replace)
		}
		if len(rest) == 0 && insert {
			old := *v
			return &jsonValue{kind: jsonArray, items: s.place([]*jsonValue{&old}, x)}
		}
		return v
	}
	if i, ok := s.index(len(v.items)); ok && i < len(v.items) {
		v.items[i] = v.items[i].set(rest, x, insert, replace)
	} else if len(rest) == 0 && insert {
		v.items = s.place(v.items, x)
	}
	return v
}

// place puts x before an array's first element or after its last one, on whichever side the cell lies.
func (s step) place(items []*jsonValue, x *jsonValue) []*jsonValue {
	if s.last {
		return slices.Insert(items, 0, x)
	}
	return append(items, x)
}

// wrap makes an array of a value that is none.
func (v *jsonValue) wrap() {
	if v.kind != jsonArray {
		old := *v
		*v = jsonValue{kind: jsonArray, items: []*jsonValue{&old}}
	}
}

func jsonRemove(a *args) error {
	for i := range a.n() {
		if a.null(i) {
			return nil
		}
	}
	v, err := parseJSON(a.text(0), false)
	if err != nil {
		return err
	}
	for i := 1; i < a.n(); i++ {
		steps, err := plainPath(a, i)
		if err != nil {
			return err
		}
		if len(steps) == 0 {
			return errVacuous
		}
		end := steps[len(steps)-1]
		v.find(steps[:len(steps)-1], func(at *jsonValue) {
			switch {
			case end.member:
				at.members = slices.DeleteFunc(at.members, func(m jsonMember) bool { return m.name == end.name })
			case at.kind == jsonArray:
				if i, ok := end.index(len(at.items)); ok && i < len(at.items) {
					at.items = slices.Delete(at.items, i, i+1)
				}
			}
		})
	}
	return setJSON(a, v)
}

// jsonMerge merges from left to right; nil is SQL's NULL.
func jsonMerge(merge func(x, y *jsonValue) *jsonValue) func(a *args) error {
	return func(a *args) error {
		var v *jsonValue
		for i := range a.n() {
			var y *jsonValue
			if !a.null(i) {
				var err error
				if y, err = parseJSON(a.text(i), false); err != nil {
					return err
				}
			}
			if i == 0 {
				v = y
			} else {
				v = merge(v, y)
			}
		}
		if v == nil {
			return nil
		}
		return setJSON(a, v)
	}
}

// mergePatch follows RFC 7396. A patch that is no object replaces all, NULL before it included.
func mergePatch(x, y *jsonValue) *jsonValue {
	if y == nil || y.kind != jsonObject {
		return y
	}
	if x == nil {
		return nil
	}
	out := &jsonValue{kind: jsonObject}
	if x.kind == jsonObject {
		out.members = slices.Clone(x.members)
	}
	for _, m := range y.members {
		i := slices.IndexFunc(out.members, func(o jsonMember) bool { return o.name == m.name })
		switch {
		case m.value.kind == jsonNull:
			if i >= 0 {
				out.members = slices.Delete(out.members, i, i+1)
			}
		case i >= 0:
			out.members[i].value = mergePatch(out.members[i].value, m.value)
		default:
			out.members = append(out.members, jsonMember{m.name, mergePatch(&jsonValue{kind: jsonObject}, m.value)})
		}
	}
	return out.sorted()
}

// mergePreserve joins arrays and objects; other values become arrays first.
func mergePreserve(x, y *jsonValue) *jsonValue {
	if x == nil || y == nil {
		return nil
	}
	if x.kind == jsonObject && y.kind == jsonObject {
		out := &jsonValue{kind: jsonObject, members: slices.Clone(x.members)}
		for _, m := range y.members {
			if i := slices.IndexFunc(out.members, func(o jsonMember) bool { return o.name == m.name }); i >= 0 {
				out.members[i].value = mergePreserve(out.members[i].value, m.value)
			} else {
				out.members = append(out.members, m)
			}
		}
		return out.sorted()
	}
	x.wrap()
	y.wrap()
	return &jsonValue{kind: jsonArray, items: append(slices.Clone(x.items), y.items...)}
}
