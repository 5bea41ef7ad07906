package dialect

import "weir/engine/rel"

func (m *mysql) stringFunctions() map[rel.Op]Form { return map[rel.Op]Form{} }
func (m *mysql) numberFunctions() map[rel.Op]Form { return map[rel.Op]Form{} }
func (m *mysql) dateFunctions() map[rel.Op]Form   { return map[rel.Op]Form{} }
func (m *mysql) jsonFunctions() map[rel.Op]Form   { return map[rel.Op]Form{} }
