//go:build !noasm

package content

import "golang.org/x/sys/cpu"

// ways are the implementations that this machine runs, the fastest first.
var ways = func() (w []way) {
	if cpu.ARM64.HasAES {
		w = append(w, way{"aes", condenseAES})
	}
	return append(w, plainly)
}()

// condenseAES is condense with AES.
//
//go:noescape
func condenseAES(s *lanes, p *byte, stripes int)
