//go:build !amd64 || noasm

package rowstat

func detect() kernel { return portable }

func logitsVectors[F real](kernel, *Columns, []F, int, []int32) bool { return false }

func probsVectors[F real](kernel, *Columns, []F, int, []int32) bool { return false }

func (kernel) widen(dst []float32, src []Half) { widen(dst, src) }
