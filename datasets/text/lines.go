package text

import "sort"

// Lines tells at which line of its file each row of a table begins, counted from 1. It
// keeps only where the distance of the lines of two rows changes, so that it is small
// for all but odd files.
type Lines struct {
	runs []run
	next int // row expected by Add
}

// run is a number of rows with the same distance of their lines.
type run struct{ row, line, step int }

// Add tells the line of the row after the one of the call before.
func (l *Lines) Add(line int) {
	row := l.next
	l.next++
	if len(l.runs) == 0 {
		l.runs = append(l.runs, run{row, line, 1})
		return
	}
	last := &l.runs[len(l.runs)-1]
	if last.at(row) == line {
		return
	}
	if row == last.row+1 {
		last.step = line - last.line
		return
	}
	l.runs = append(l.runs, run{row, line, 1})
}

func (r *run) at(row int) int { return r.line + (row-r.row)*r.step }

// Line is the line of a row; 0 if that row has not been read.
func (l *Lines) Line(row int) int {
	if row < 0 || row >= l.next {
		return 0
	}
	i := sort.Search(len(l.runs), func(i int) bool { return l.runs[i].row > row })
	return l.runs[i-1].at(row)
}
