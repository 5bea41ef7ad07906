package bind

import "weir/engine/sqlerr"

// Codes that only the binder raises.
var (
	errDerivedAlias     = sqlerr.Kind{Code: 1248, State: "42000"}
	errColumnList       = sqlerr.Kind{Code: 1353, State: "HY000"}
	errCantGroupOn      = sqlerr.Kind{Code: 1056, State: "42000"}
	errOrderDistinct    = sqlerr.Kind{Code: 3065, State: "HY000"}
	errWindowContext    = sqlerr.Kind{Code: 3593, State: "HY000"}
	errWindowAlias      = sqlerr.Kind{Code: 3594, State: "HY000"}
	errNoSuchWindow     = sqlerr.Kind{Code: 3579, State: "HY000"}
	errWindowCircle     = sqlerr.Kind{Code: 3580, State: "HY000"}
	errWindowPartition  = sqlerr.Kind{Code: 3581, State: "HY000"}
	errWindowFrame      = sqlerr.Kind{Code: 3582, State: "HY000"}
	errWindowOrder      = sqlerr.Kind{Code: 3583, State: "HY000"}
	errFrameStart       = sqlerr.Kind{Code: 3584, State: "HY000"}
	errFrameEnd         = sqlerr.Kind{Code: 3585, State: "HY000"}
	errFrameBound       = sqlerr.Kind{Code: 3586, State: "HY000"}
	errRangeOrder       = sqlerr.Kind{Code: 3587, State: "HY000"}
	errWindowTwice      = sqlerr.Kind{Code: 3591, State: "HY000"}
	errUnknownTable     = sqlerr.Kind{Code: 1051, State: "42S02"}
	errSystemVariable   = sqlerr.Kind{Code: 1193, State: "HY000"}
	errWrongArgument    = sqlerr.Kind{Code: 1210, State: "HY000"}
	errNoTables         = sqlerr.Kind{Code: 1096, State: "HY000"}
	errUnknownCollation = sqlerr.Kind{Code: 1273, State: "HY000"}
	errCollationCharset = sqlerr.Kind{Code: 1253, State: "42000"}
	errUnknownCharset   = sqlerr.Kind{Code: 1115, State: "42000"}
	errTooBigScale      = sqlerr.Kind{Code: 1425, State: "42000"}
	errTooBigPrecision  = sqlerr.Kind{Code: 1426, State: "42000"}
	errScaleOrder       = sqlerr.Kind{Code: 1427, State: "42000"}
	errCTENotUnion      = sqlerr.Kind{Code: 3573, State: "HY000"}
	errCTENoAnchor      = sqlerr.Kind{Code: 3574, State: "HY000"}
	errCTEForbids       = sqlerr.Kind{Code: 3575, State: "HY000"}
	errCTEOnce          = sqlerr.Kind{Code: 3577, State: "HY000"}
	errValuesRows       = sqlerr.Kind{Code: 1136, State: "21S01"}
)

// bail carries an error out of the recursion; Bind turns it back into a result. Names, types and casts are resolved in
// deeply nested calls that have nothing to do on an error but pass it on.
type bail struct{ err error }

func fail(err error) { panic(bail{err}) }

// unsupported refuses a construct that MySQL has and Weir has not.
func unsupported(format string, args ...any) {
	fail(sqlerr.Unsupported.New("not supported: "+format, args...))
}

func sqlerrDuplicate(alias string) error {
	return sqlerr.DuplicateAlias.New("Not unique table/alias: '%s'", alias)
}

func sqlerrColumns() error {
	return sqlerr.SetOpColumns.New("The used SELECT statements have a different number of columns")
}
