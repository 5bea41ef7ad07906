package postgres

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"weir/engine/rel"
)

func newTextColumn(oid uint32, t rel.Type, ascii bool) column {
	c := &bytesColumn{t: t}
	switch oid {
	case oidText, oidVarchar, oidName, oidJSON, oidUnknown:
	case oidBpchar:
		c.put = func(data, b []byte) ([]byte, error) {
			// CHAR(n) is stored with blanks to its full length, which mean nothing; MySQL shows it without.
			return append(data, bytes.TrimRight(b, " ")...), nil
		}
	case oidUUID:
		c.put = putUUID
	case oidJSONB:
		c.put = func(data, b []byte) ([]byte, error) {
			if len(b) == 0 || b[0] != 1 {
				return data, fmt.Errorf("%w: unknown version of jsonb", errProtocol)
			}
			return append(data, b[1:]...), nil
		}
	default:
		return nil
	}
	if ascii { // the server has not checked what it stores
		put := c.put
		c.put = func(data, b []byte) (_ []byte, err error) {
			if !utf8.Valid(b) {
				return data, &valueError{"text that is not UTF-8, in a database whose encoding is SQL_ASCII"}
			}
			if put == nil {
				return append(data, b...), nil
			}
			return put(data, b)
		}
	}
	return c
}

const hexDigits = "0123456789abcdef"

func putUUID(data, b []byte) ([]byte, error) {
	if len(b) != 16 {
		return data, errSize
	}
	for i, x := range b {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			data = append(data, '-')
		}
		data = append(data, hexDigits[x>>4], hexDigits[x&15])
	}
	return data, nil
}
