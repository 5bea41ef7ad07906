// Package sqlerr is the error that a client sees: MySQL's code, SQLSTATE and a text that says what to do.
//
// What must hold: it holds no row data and no secrets; a Kind that more than one package raises or tells apart stands here.
package sqlerr
