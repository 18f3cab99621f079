// Package checksum computes CRC-32 as zip files have it, at the speed of memory where the
// processor can: the standard library's takes as long as reading an array does. Begin with
// Update.
//
// The package imports nothing of this module.
package checksum

import "hash/crc32"

// Update continues the CRC-32 (IEEE) crc with the bytes of p, as crc32.Update does.
func Update(crc uint32, p []byte) uint32 {
	if n := len(p) / block; n > 1 && wide {
		crc = folded(crc, p[:n*block])
		p = p[n*block:]
	}
	return crc32.Update(crc, crc32.IEEETable, p)
}
