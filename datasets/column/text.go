package column

import (
	"encoding/hex"
	"time"
	"unicode"
	"unicode/utf8"
)

// Day is the unit of dates.
const Day = 24 * time.Hour

// AppendMoment writes a number of units since 1970 in the form of ISO 8601: as a date if
// the unit is a Day, else with the time, in UTC unless it is local.
func AppendMoment(dst []byte, n int64, unit time.Duration, local bool) []byte {
	if unit == Day {
		return time.Unix(0, 0).UTC().AddDate(0, 0, int(n)).AppendFormat(dst, time.DateOnly)
	}
	perSecond := int64(time.Second / unit)
	at := time.Unix(n/perSecond, n%perSecond*int64(unit)).UTC()
	if local {
		return at.AppendFormat(dst, "2006-01-02T15:04:05.999999999")
	}
	return at.AppendFormat(dst, time.RFC3339Nano)
}

// AppendReadable writes bytes as they are if they are text, and else in hexadecimal
// digits after 0x.
func AppendReadable(dst, b []byte) []byte {
	if printable(b) {
		return append(dst, b...)
	}
	return hex.AppendEncode(append(dst, "0x"...), b)
}

func printable(b []byte) bool {
	for len(b) > 0 {
		c, size := utf8.DecodeRune(b)
		if c == utf8.RuneError || unicode.IsControl(c) {
			return false
		}
		b = b[size:]
	}
	return true
}

// AppendUUID writes 16 bytes in the usual form of UUIDs.
func AppendUUID(dst, b []byte) []byte {
	for i, end := range []int{4, 6, 8, 10, 16} {
		if i > 0 {
			dst = append(dst, '-')
		}
		begin := []int{0, 4, 6, 8, 10}[i]
		dst = hex.AppendEncode(dst, b[begin:end])
	}
	return dst
}
