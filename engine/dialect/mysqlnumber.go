package dialect

import "weir/engine/rel"

func (m *mysql) numberFunctions() map[rel.Op]Form {
	forms := mysqlCalls(`abs ceil:CEILING floor round truncate sign bit_count pow exp sqrt ln log log2 log10 sin cos tan cot asin acos atan
		atan2 degrees radians interval`)
	for op, name := range map[rel.Op]string{"greatest": "GREATEST", "least": "LEAST"} {
		forms[op] = Form{Judge: mysqlComparable, Print: Func(name)}
	}
	return forms
}
