// Package all makes every kind of source known: importing it registers them. A new kind is one line here.
package all

// Each import registers its kind.
import (
	_ "weir/sources/mysql"
	_ "weir/sources/postgres"
	_ "weir/sources/sqlite"
)
