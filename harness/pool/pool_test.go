package pool

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

// TestMap: results are in the order of the items, and an item that fails or
// panics does not stop the others.
func TestMap(t *testing.T) {
	heard := map[int]error{}
	got, err := Map(context.Background(), 3, []int{1, 2, 3, 4, 5}, func(_ context.Context, i int) (int, error) {
		switch i {
		case 2:
			return 20, errors.New("bad")
		case 4:
			panic("worse")
		}
		return 10 * i, nil
	}, func(i int, r Result[int]) { heard[i] = r.Err })
	if err != nil {
		t.Fatal(err)
	}
	if s := fmt.Sprint(got); s != "[{10 <nil>} {20 bad} {30 <nil>} {0 internal failure: worse} {50 <nil>}]" {
		t.Error(s)
	}
	if len(heard) != 5 || heard[2] == nil || heard[4] == nil || heard[1] != nil {
		t.Errorf("heard %v", heard)
	}
}

// TestStop: an error that concerns all items, or the end of the context, ends the
// pool and is not reported as the failure of an item.
func TestStop(t *testing.T) {
	full := errors.New("disk full")
	var begun atomic.Int32
	got, err := Map(context.Background(), 1, make([]int, 50), func(context.Context, int) (bool, error) {
		if begun.Add(1) == 3 {
			return true, fmt.Errorf("keeping it: %w", Stop(full))
		}
		return true, nil
	}, nil)
	if !errors.Is(err, full) || begun.Load() != 3 || slices.ContainsFunc(got, func(r Result[bool]) bool { return r.Err != nil }) {
		t.Errorf("%d begun, %v, %v", begun.Load(), err, got)
	}
	ctx, cancel := context.WithCancel(context.Background())
	got, err = Map(ctx, 1, make([]int, 9), func(ctx context.Context, _ int) (bool, error) {
		cancel()
		return true, ctx.Err()
	}, func(int, Result[bool]) { t.Error("told of an item that was cut short") })
	if !errors.Is(err, context.Canceled) || !got[0].Value || got[0].Err != nil || got[1].Value {
		t.Errorf("%v, %v", err, got)
	}
	if Stop(nil) != nil {
		t.Error("no error stops")
	}
}

func TestEach(t *testing.T) {
	var b strings.Builder
	done := make([]string, 7)
	Each(len(done), func(i int) { done[i] = fmt.Sprint(i) })
	for _, s := range done {
		b.WriteString(s)
	}
	if b.String() != "0123456" {
		t.Error(b.String())
	}
}
