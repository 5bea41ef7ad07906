package postgres

import "math"

// The server counts from 2000-01-01, Arrow from 1970-01-01.
const (
	epochDays   = 10957
	dayMicros   = 86400 * 1_000_000
	epochMicros = epochDays * dayMicros
)

// The dates that MySQL can hold, as days since 2000-01-01: 0001-01-01 to 9999-12-31.
const (
	minDays = -730119
	maxDays = 2921939
)

var (
	errInfinite = &valueError{"an infinite date, which MySQL's types can't hold"}
	errYear     = &valueError{"a date outside of the years 1 to 9999, which MySQL's types can't hold"}
)

func decodeDate(b []byte) (int32, error) {
	if len(b) != 4 {
		return 0, errSize
	}
	v := int32(be32(b))
	if v < minDays || v > maxDays {
		if v == math.MaxInt32 || v == math.MinInt32 {
			return 0, errInfinite
		}
		return 0, errYear
	}
	return v + epochDays, nil
}

func decodeDateAsTimestamp(b []byte) (int64, error) {
	v, err := decodeDate(b)
	return int64(v) * dayMicros, err
}

func decodeTimestamp(b []byte) (int64, error) {
	if len(b) != 8 {
		return 0, errSize
	}
	v := int64(be64(b))
	if v < minDays*dayMicros || v >= (maxDays+1)*dayMicros {
		if v == math.MaxInt64 || v == math.MinInt64 {
			return 0, errInfinite
		}
		return 0, errYear
	}
	return v + epochMicros, nil
}

// decodeTime reads microseconds since midnight, 24:00:00 included.
func decodeTime(b []byte) (int64, error) {
	if len(b) != 8 {
		return 0, errSize
	}
	return int64(be64(b)), nil
}
