// Package all makes every kind of source known: importing it registers them. A new kind is one line here.
package all
