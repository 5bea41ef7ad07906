package duck

import (
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"math"
	"math/big"
	"net/netip"
	"strconv"
	"strings"
)

// Encodings, digests and addresses.

func init() {
	t1 := []kind{kindText}
	register(forBinary(
		function{name: "weir_hex", in: t1, out: kindInt, eval: func(a *args) error {
			a.setText(strings.ToUpper(hex.EncodeToString([]byte(a.text(0)))))
			return nil
		}},
		function{name: "weir_to_base64", in: t1, out: kindInt, eval: toBase64},
		function{name: "weir_sha2", in: []kind{kindText, kindInt}, out: kindInt, eval: sha2},
		function{name: "weir_sha1", in: t1, out: kindInt, eval: func(a *args) error {
			sum := sha1.Sum([]byte(a.text(0)))
			a.setText(hex.EncodeToString(sum[:]))
			return nil
		}},
	)...)
	for i := len(functions) - 8; i < len(functions); i++ {
		functions[i].out = kindText // also of the binary twins
	}
	register(
		function{name: "weir_hex_uint", in: []kind{kindUint}, out: kindText, eval: func(a *args) error {
			a.setText(strings.ToUpper(strconv.FormatUint(a.uint(0), 16)))
			return nil
		}},
		function{name: "weir_unhex", in: t1, out: kindBinary, eval: func(a *args) error {
			s := a.text(0)
			if len(s)%2 == 1 {
				s = "0" + s
			}
			if b, err := hex.DecodeString(s); err == nil {
				a.setText(string(b))
			}
			return nil
		}},
		function{name: "weir_from_base64", in: t1, out: kindBinary, eval: func(a *args) error {
			s := strings.Map(func(r rune) rune {
				if strings.ContainsRune(" \t\n\v\f\r", r) {
					return -1
				}
				return r
			}, a.text(0))
			if b, err := base64.StdEncoding.DecodeString(s); err == nil {
				a.setText(string(b))
			}
			return nil
		}},
		function{name: "weir_conv", in: []kind{kindText, kindInt, kindInt}, out: kindText, eval: conv},
		function{name: "weir_crc32", in: []kind{kindText}, out: kindUint, eval: crc},
		function{name: "weir_crc32_b", in: []kind{kindBinary}, out: kindUint, eval: crc},
		function{name: "weir_inet_aton", in: t1, out: kindUint, eval: inetAton},
		function{name: "weir_inet_ntoa", in: []kind{kindInt}, out: kindText, eval: func(a *args) error {
			if v := a.int(0); v >= 0 && v < 1<<32 {
				a.setText(fmt.Sprintf("%d.%d.%d.%d", v>>24, v>>16&255, v>>8&255, v&255))
			}
			return nil
		}},
		function{name: "weir_inet6_aton", in: t1, out: kindBinary, eval: func(a *args) error {
			if ip, ok := parseAddress(a.text(0)); ok {
				a.setText(string(ip.AsSlice()))
			}
			return nil
		}},
		function{name: "weir_inet6_ntoa", in: []kind{kindBinary}, out: kindText, eval: func(a *args) error {
			if ip, ok := netip.AddrFromSlice([]byte(a.text(0))); ok {
				a.setText(addressText(ip))
			}
			return nil
		}},
		function{name: "weir_is_ipv4", in: t1, out: kindInt, nulls: true, eval: func(a *args) error { return isAddress(a, netip.Addr.Is4) }},
		function{name: "weir_is_ipv6", in: t1, out: kindInt, nulls: true, eval: func(a *args) error { return isAddress(a, netip.Addr.Is6) }},
	)
}

// toBase64 breaks lines after 76 characters, as MySQL does.
func toBase64(a *args) error {
	s := base64.StdEncoding.EncodeToString([]byte(a.text(0)))
	var b strings.Builder
	for len(s) > 76 {
		b.WriteString(s[:76] + "\n")
		s = s[76:]
	}
	b.WriteString(s)
	return setLimited(a, b.String())
}

func sha2(a *args) error {
	b := []byte(a.text(0))
	var sum []byte
	switch a.int(1) {
	case 224:
		s := sha256.Sum224(b)
		sum = s[:]
	case 0, 256:
		s := sha256.Sum256(b)
		sum = s[:]
	case 384:
		s := sha512.Sum384(b)
		sum = s[:]
	case 512:
		s := sha512.Sum512(b)
		sum = s[:]
	default:
		return nil
	}
	a.setText(hex.EncodeToString(sum))
	return nil
}

// addressPart reads one number of a dotted address; nothing is 0.
func addressPart(text string) (n uint64, ok bool) {
	n, err := strconv.ParseUint("0"+text, 10, 16)
	return n, err == nil && n <= 255
}

// inetAton reads also the short forms: a.b is a.0.0.b, a is 0.0.0.a.
func inetAton(a *args) error {
	parts := strings.Split(a.text(0), ".")
	if parts[len(parts)-1] == "" {
		return nil
	}
	var v uint64
	for i, p := range parts {
		n, ok := addressPart(p)
		if !ok {
			return nil
		}
		if i == len(parts)-1 && i > 0 && i < 3 {
			v <<= 8 * (3 - i)
		}
		v = v<<8 | n
	}
	a.setUint(v)
	return nil
}

// parseAddress reads an IPv4 or IPv6 address without a zone.
func parseAddress(s string) (netip.Addr, bool) {
	ip, err := netip.ParseAddr(s)
	if err == nil && ip.Zone() == "" {
		return ip, true
	}
	return netip.Addr{}, false
}

// addressText writes an address; MySQL writes IPv4 addresses inside IPv6 in dotted form for the mapped and the compatible ones.
func addressText(ip netip.Addr) string {
	if !ip.Is6() {
		return ip.String()
	}
	b := ip.As16()
	zeros := 0
	for zeros < 16 && b[zeros] == 0 {
		zeros++
	}
	dotted := fmt.Sprintf("%d.%d.%d.%d", b[12], b[13], b[14], b[15])
	switch {
	case ip.Is4In6():
		return "::ffff:" + dotted
	case zeros == 12 || zeros == 13: // compatible, but for :: and ::1
		return "::" + dotted
	}
	return ip.String()
}

func isAddress(a *args, is func(netip.Addr) bool) error {
	a.setInt(0)
	if !a.null(0) {
		if ip, ok := parseAddress(a.text(0)); ok && is(ip) {
			a.setInt(1)
		}
	}
	return nil
}

// conv writes a number of one base in another; a negative base means signed numbers.
func conv(a *args) error {
	from, to := a.int(1), a.int(2)
	base := func(b int64) bool { return b >= 2 && b <= 36 || b <= -2 && b >= -36 }
	if !base(from) || !base(to) {
		return nil
	}
	s := strings.TrimLeft(a.text(0), " \t\n\v\f\r")
	negative := false
	if s != "" && (s[0] == '-' || s[0] == '+') {
		negative, s = s[0] == '-', s[1:]
	}
	n := 0
	for n < len(s) && digitValue(s[n]) < max(from, -from) {
		n++
	}
	if a.text(0) == "" {
		return nil
	}
	v := new(big.Int)
	if n > 0 {
		v.SetString(s[:n], int(max(from, -from)))
	}
	var value uint64
	switch {
	case from < 0: // signed
		if negative {
			v.Neg(v)
		}
		value = uint64(clampInt(v))
	default:
		if !v.IsUint64() {
			value = math.MaxUint64
		} else if value = v.Uint64(); negative {
			value = -value
		}
	}
	if to < 0 {
		a.setText(strings.ToUpper(strconv.FormatInt(int64(value), int(-to))))
	} else {
		a.setText(strings.ToUpper(strconv.FormatUint(value, int(to))))
	}
	return nil
}

func digitValue(c byte) int64 {
	switch {
	case isDigit(c):
		return int64(c - '0')
	case c >= 'a' && c <= 'z':
		return int64(c-'a') + 10
	case c >= 'A' && c <= 'Z':
		return int64(c-'A') + 10
	}
	return math.MaxInt64
}

func crc(a *args) error {
	a.setUint(uint64(crc32.ChecksumIEEE([]byte(a.text(0)))))
	return nil
}
