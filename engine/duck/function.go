package duck

/*
#include <stdlib.h>
void weirScalarFunction(void *, void *, void *);
typedef void (*weir_scalar_function)(void *, void *, void *);
typedef void (*weir_delete)(void *);
*/
import "C"

import (
	"errors"
	"fmt"
	"runtime/cgo"
	"unsafe"

	duckdb "github.com/duckdb/duckdb-go-bindings"

	"weir/engine/sqlerr"
)

// kind is the DuckDB type of an operand or a result.
type kind uint8

const (
	kindBool kind = iota
	kindInt
	kindUint
	kindDouble
	kindFloat
	kindHuge
	kindText
	kindBinary
	kindDate
	kindDateTime
	// kindAny takes any type; the function looks at the vector's (see args.decimal).
	kindAny
	// kindDecimal and the kinds after it are decimals of 38 digits with 0, 1, 2 … digits after the point.
	kindDecimal
)

// function is a scalar function that DuckDB calls.
type function struct {
	name string
	in   []kind
	// rest is the kind of any further operands, if variadic is set.
	rest     kind
	variadic bool
	out      kind
	// nulls says that eval is called for rows with NULL operands too; otherwise they give NULL.
	nulls bool
	// eval computes one row: it reads operands from a and sets the result, which is NULL if it sets none.
	eval func(a *args) error
}

// functions holds every function; it is filled by the init functions of the files function_*.go and read-only after.
var functions []function

func register(fs ...function) { functions = append(functions, fs...) }

// forBinary returns functions and their twins that work on binary strings by byte, whose names end in _b.
func forBinary(fs ...function) []function {
	out := fs
	for _, f := range fs {
		f.name += "_b"
		in := make([]kind, len(f.in))
		for i, k := range f.in {
			in[i] = binaryKind(k)
		}
		f.in, f.rest, f.out = in, binaryKind(f.rest), binaryKind(f.out)
		out = append(out, f)
	}
	return out
}

func binaryKind(k kind) kind {
	if k == kindText {
		return kindBinary
	}
	return k
}

func (k kind) logical() duckdb.LogicalType {
	if k >= kindDecimal {
		return duckdb.CreateDecimalType(38, uint8(k-kindDecimal))
	}
	return duckdb.CreateLogicalType(map[kind]duckdb.Type{
		kindBool: duckdb.TypeBoolean, kindInt: duckdb.TypeBigInt, kindUint: duckdb.TypeUBigInt, kindDouble: duckdb.TypeDouble,
		kindFloat: duckdb.TypeFloat, kindHuge: duckdb.TypeHugeInt, kindText: duckdb.TypeVarchar, kindBinary: duckdb.TypeBlob,
		kindDate: duckdb.TypeDate, kindDateTime: duckdb.TypeTimestamp, kindAny: duckdb.TypeAny,
	}[k])
}

// registerFunctions makes all functions known to the database.
func registerFunctions(c duckdb.Connection, keys *keyring) error {
	for i := range functions {
		if err := registerFunction(c, i, keys); err != nil {
			return err
		}
	}
	return nil
}

func registerFunction(c duckdb.Connection, index int, keys *keyring) error {
	f := &functions[index]
	s := duckdb.CreateScalarFunction()
	defer duckdb.DestroyScalarFunction(&s)
	duckdb.ScalarFunctionSetName(s, f.name)
	typed := func(k kind, use func(duckdb.ScalarFunction, duckdb.LogicalType)) {
		t := k.logical()
		use(s, t)
		duckdb.DestroyLogicalType(&t)
	}
	for _, k := range f.in {
		typed(k, duckdb.ScalarFunctionAddParameter)
	}
	if f.variadic {
		typed(f.rest, duckdb.ScalarFunctionSetVarargs)
	}
	typed(f.out, duckdb.ScalarFunctionSetReturnType)
	if f.nulls {
		duckdb.ScalarFunctionSetSpecialHandling(s)
	}
	// The function's index and the handle of the database's keys live in C memory, where DuckDB keeps a pointer to them.
	id := (*registered)(C.malloc(C.size_t(unsafe.Sizeof(registered{}))))
	*id = registered{index: int64(index), keys: keys.handle}
	duckdb.ScalarFunctionSetExtraInfo(s, unsafe.Pointer(id), unsafe.Pointer(C.weir_delete(C.free)))
	duckdb.ScalarFunctionSetFunction(s, unsafe.Pointer(C.weir_scalar_function(C.weirScalarFunction)))
	if duckdb.RegisterScalarFunction(c, s) == duckdb.StateError {
		return fmt.Errorf("function %s is refused", f.name)
	}
	return nil
}

// registered is what DuckDB hands back when it calls a function.
type registered struct {
	index int64
	keys  cgo.Handle // of a *keyring
}

//export weirScalarFunction
func weirScalarFunction(info, input, output unsafe.Pointer) {
	i := duckdb.FunctionInfo{Ptr: info}
	r := (*registered)(duckdb.ScalarFunctionGetExtraInfo(i))
	f := &functions[r.index]
	if err := f.run(duckdb.DataChunk{Ptr: input}, duckdb.Vector{Ptr: output}, r.keys); err != nil {
		duckdb.ScalarFunctionSetError(i, errorText(f, err))
	}
}

// errorText is an error as errorMark describes it; one that is not for clients keeps its text for the log.
func errorText(f *function, err error) string {
	var own *sqlerr.Error
	if errors.As(err, &own) {
		return fmt.Sprintf("%s%d:%s", errorMark, own.Code, own.Message)
	}
	return f.name + ": " + err.Error()
}

func (f *function) run(chunk duckdb.DataChunk, out duckdb.Vector, keys cgo.Handle) (err error) {
	// A panic must not reach DuckDB's threads: it would end the process.
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	a := newArgs(chunk, out)
	a.keys = keys.Value().(*keyring)
	for a.row = range a.rows {
		if !f.nulls && a.anyNull() {
			a.setNull()
			continue
		}
		a.set = false
		if err := f.eval(a); err != nil {
			return err
		}
		if !a.set {
			a.setNull()
		}
	}
	return nil
}
