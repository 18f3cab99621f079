//go:build !noasm

package content

import "golang.org/x/sys/cpu"

// ways are the implementations that this machine runs, the fastest first.
var ways = func() (w []way) {
	if cpu.X86.HasAVX512F && cpu.X86.HasAVX512VAES {
		w = append(w, way{"vaes", condenseVAES})
	}
	if cpu.X86.HasAES {
		w = append(w, way{"aes", condenseAES})
	}
	return append(w, plainly)
}()

// condenseVAES is condense with AVX-512 and VAES.
//
//go:noescape
func condenseVAES(s *lanes, p *byte, stripes int)

// condenseAES is condense with AES and SSE2.
//
//go:noescape
func condenseAES(s *lanes, p *byte, stripes int)
