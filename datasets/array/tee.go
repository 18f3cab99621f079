package array

import "io"

// tee passes on the bytes of a file.
type tee struct {
	w       io.Writer
	written int64
}

// Tee makes Next write the bytes of the file to w, all of them and in order, soon after
// its rows were handed out, while they are still in the processor's cache. It must be
// called before the rows are read; all is written when Next returns io.EOF. If the file is
// not in memory, or there are several, Tee reports false and nothing will be written.
func (s *Source) Tee(w io.Writer) bool { return s.TeeFiles([]io.Writer{w}) }

// TeeFiles is Tee for a table of several files, in the order in which they were opened.
func (s *Source) TeeFiles(ws []io.Writer) bool {
	if len(ws) != len(s.files) {
		return false
	}
	for _, f := range s.files {
		if f.Data == nil {
			return false
		}
	}
	s.tees = make([]tee, len(ws))
	for i, w := range ws {
		s.tees[i].w = w
	}
	return true
}

// passOn writes as much of each file as of the rows was handed out, as if its arrays grew
// together. The estimate only decides when bytes are written, not which.
func (s *Source) passOn(share float64) error {
	for i := range s.tees {
		t, data := &s.tees[i], s.files[i].Data
		end := int64(share * float64(len(data)))
		if share == 1 {
			end = int64(len(data))
		}
		if end <= t.written {
			continue
		}
		n, err := t.w.Write(data[t.written:end])
		if t.written += int64(n); err != nil {
			return err
		}
	}
	return nil
}
