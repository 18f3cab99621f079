package training

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// references is the folder of the reference values, which were made with automatic differentiation and a second
// method. Their README says what every field means.
var references = flag.String("training", "../../../shared/training", "folder of reference values")

// tally counts what was compared in one run.
type tally struct{ matched, uncovered int }

// TestReference compares with every value of the reference files, and fails if one is of a kind that
// no comparison covers.
func TestReference(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(*references, "*.json"))
	if err != nil || len(files) == 0 {
		t.Skipf("no reference values in %s; give their folder by -args -training DIR", *references)
	}
	sum := new(tally)
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var d map[string]any
		if err := json.Unmarshal(b, &d); err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(file)
		check := map[string]func(*checker, string, doc){"losses.json": checkLosses, "sece.json": checkSECE, "gamma-net.json": checkGammaNet,
			"adr.json": checkADR, "fairness.json": checkFairness, "training.json": checkRun(doc(asMap(d["data"])))}[name]
		for list, cases := range d {
			if list == "topic" || list == "conventions" || list == "data" {
				continue
			}
			for _, c := range asList(cases) {
				checkCase(t, sum, name+"/"+list, doc(asMap(c)), check, list)
			}
		}
	}
	fmt.Printf("training: %d matched, %d not covered of %d\n", sum.matched, sum.uncovered, sum.matched+sum.uncovered)
	if sum.uncovered > 0 {
		t.Errorf("%d values are not covered", sum.uncovered)
	}
}

func asList(v any) []any {
	if l, ok := v.([]any); ok {
		return l
	}
	return []any{v}
}

func asMap(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

// doc is an object of a reference file.
type doc map[string]any

func (d doc) text(key string) string       { s, _ := d[key].(string); return s }
func (d doc) number(key string) float64    { v, _ := d[key].(float64); return v }
func (d doc) has(key string) bool          { return d[key] != nil }
func (d doc) sub(key string) doc           { return doc(asMap(d[key])) }
func (d doc) numbers(key string) []float64 { return flatten(d[key]) }

func (d doc) ints(key string) []int32 {
	var list []int32
	for _, v := range d.numbers(key) {
		list = append(list, int32(v))
	}
	return list
}

// shape is the number of rows and columns of a matrix.
func (d doc) shape(key string) (rows, columns int) {
	l := asList(d[key])
	return len(l), len(asList(l[0]))
}

// flatten lists the numbers of nested lists in order; null is NaN.
func flatten(v any) []float64 {
	switch v := v.(type) {
	case float64:
		return []float64{v}
	case bool:
		if v {
			return []float64{1}
		}
		return []float64{0}
	case []any:
		var list []float64
		for _, x := range v {
			list = append(list, flatten(x)...)
		}
		return list
	}
	return []float64{math.NaN()}
}

// checker compares the values that a case wants.
type checker struct {
	*testing.T
	name       string
	want       doc
	rtol, atol float64
	seen       map[string]bool
	sum        *tally
}

func checkCase(t *testing.T, sum *tally, where string, c doc, check func(*checker, string, doc), list string) {
	x := &checker{t, where + "/" + c.text("id"), c.sub("want"), 1e-12, 0, map[string]bool{}, sum}
	if c.has("tol") {
		x.rtol, x.atol = c.sub("tol").number("rtol"), c.sub("tol").number("atol")
	}
	before := *sum
	if check != nil {
		check(x, list, c)
	}
	if x.want == nil && c["want"] != nil && sum.matched == before.matched && !t.Failed() {
		sum.uncovered++
		t.Logf("%s is not covered", x.name)
	}
	for key := range x.want {
		if !x.seen[key] {
			sum.uncovered++
			t.Logf("%s: %s is not covered", x.name, key)
		}
	}
}

// same compares a wanted value, if the case has it.
func (x *checker) same(key string, got ...float64) {
	x.Helper()
	if _, ok := x.want[key]; !ok {
		return
	}
	x.seen[key] = true
	x.compare(key, flatten(x.want[key]), got)
}

// skip says that a wanted value is not compared: of a kink, of a choice that rounding decides, or null.
func (x *checker) skip(keys ...string) {
	for _, k := range keys {
		x.seen[k] = true
	}
}

func (x *checker) compare(key string, want, got []float64) {
	x.Helper()
	if differs := x.difference(want, got); differs != "" {
		x.Errorf("%s: %s: %s", x.name, key, differs)
		return
	}
	x.sum.matched++
}

// difference says where two lists differ beyond the tolerance; "" if they do not.
func (x *checker) difference(want, got []float64) string {
	if len(want) != len(got) {
		return fmt.Sprintf("%d values, want %d", len(got), len(want))
	}
	largest := 0.0
	for _, w := range want {
		if !math.IsNaN(w) {
			largest = math.Max(largest, math.Abs(w))
		}
	}
	for i, w := range want {
		if math.IsNaN(w) && math.IsNaN(got[i]) {
			continue
		}
		if !(math.Abs(got[i]-w) <= x.atol+x.rtol*largest) {
			return fmt.Sprintf("value %d is %.17g, want %.17g", i, got[i], w)
		}
	}
	return ""
}
