// Package all registers every kind of source. A program that opens sources imports it for that alone; adding a kind adds a line here.
package all

import (
	_ "weir/sources/sqlite"
)
