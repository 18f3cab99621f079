//go:build !amd64 || noasm

package rowstat

func detect() kernel { return portable }

func logitsVectors[F Float](kernel, *Columns, []F, int, []int32) bool { return false }

func probsVectors[F Float](kernel, *Columns, []F, int, []int32) bool { return false }
