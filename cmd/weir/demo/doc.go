// Package demo makes the three databases of `weir demo`: what a trading company keeps in its ERP system, its CRM system and its
// warehouse system. They share customers and products the way such systems do: by VAT number and article number, under names that
// somebody typed in twice.
//
// What must hold: the same options give the same rows; generating stays under a few seconds; nothing here knows about Weir.
package demo
