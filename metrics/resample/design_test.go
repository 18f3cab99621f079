package resample_test

import (
	"math"
	"slices"
	"testing"

	"abstain/metrics/resample"
)

func sum(counts []uint8) int {
	n := 0
	for _, c := range counts {
		n += int(c)
	}
	return n
}

func TestReplicatesDependOnSeedAndNumberOnly(t *testing.T) {
	d := resample.Independent(501)
	all := resample.Draw(d, 9, 20)
	alone := make([]uint8, 501)
	for _, k := range []int{19, 0, 7} {
		d.Draw(alone, 9, k)
		if !slices.Equal(alone, all.Counts(k)) {
			t.Errorf("replicate %d differs when it is drawn alone", k)
		}
		if sum(alone) != 501 {
			t.Errorf("replicate %d has %d samples", k, sum(alone))
		}
	}
	d.Draw(alone, 10, 7)
	if slices.Equal(alone, all.Counts(7)) || slices.Equal(all.Counts(6), all.Counts(7)) {
		t.Error("another seed or number gives the same replicate")
	}
}

// TestDrawsAreMultinomial: counts have mean 1, variance 1 - 1/n and covariance
// -1/n, and every sample has its share.
func TestDrawsAreMultinomial(t *testing.T) {
	const n, b = 40, 20000
	draws := resample.Draw(resample.Independent(n), 1, b)
	total := make([]float64, n)
	var squares, products float64
	for k := range b {
		c := draws.Counts(k)
		for i, v := range c {
			total[i] += float64(v)
			squares += (float64(v) - 1) * (float64(v) - 1)
			products += (float64(v) - 1) * (float64(c[(i+1)%n]) - 1)
		}
	}
	for i, v := range total {
		if math.Abs(v/b-1) > 4.5/math.Sqrt(b) {
			t.Errorf("sample %d was drawn %v times in %d replicates", i, v, b)
		}
	}
	if v := squares / (n * b); math.Abs(v-(1-1.0/n)) > 0.01 {
		t.Errorf("variance %v", v)
	}
	if v := products / (n * b); math.Abs(v+1.0/n) > 0.01 {
		t.Errorf("covariance %v", v)
	}
}

func TestStrataKeepTheirSizes(t *testing.T) {
	code := []int32{2, 0, 0, -1, 2, 2, 0, 5, -1, 2}
	d := resample.Stratified(code)
	counts := make([]uint8, len(code))
	for k := range 200 {
		d.Draw(counts, 3, k)
		size := map[int32]int{}
		for i, c := range counts {
			size[code[i]] += int(c)
		}
		if size[2] != 4 || size[0] != 3 || size[-1] != 2 || size[5] != 1 {
			t.Fatalf("strata of sizes %v", size)
		}
	}
	units := d.Units([]float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
	if units[7] != 0 || units[1] != -2 || units[0] != -4.5 {
		t.Errorf("units %v", units)
	}
}

func TestClustersStayTogether(t *testing.T) {
	code := []int32{3, 1, 3, -1, 1, -1, 3, 8}
	d := resample.Clustered(code)
	counts := make([]uint8, len(code))
	separated := false
	totals := map[int]bool{}
	for k := range 200 {
		d.Draw(counts, 4, k)
		if counts[0] != counts[2] || counts[0] != counts[6] || counts[1] != counts[4] {
			t.Fatalf("clusters are torn: %v", counts)
		}
		separated = separated || counts[3] != counts[5]
		totals[sum(counts)] = true
		if units := int(counts[0]) + int(counts[1]) + int(counts[3]) + int(counts[5]) + int(counts[7]); units != 5 {
			t.Fatalf("%d of 5 clusters", units)
		}
	}
	if !separated || len(totals) < 3 {
		t.Error("missing codes form one cluster, or all replicates have one size")
	}
	units := d.Units([]float64{1, 2, 4, 8, 16, 32, 64, 128})
	slices.Sort(units)
	if !slices.Equal(units, []float64{8, 18, 32, 69, 128}) {
		t.Errorf("units %v", units)
	}
	if se := d.StandardError([]float64{1, 2, 4, 8, 16, 32, 64, 128}); !near(se, math.Sqrt(8*8+18*18+32*32+69*69+128*128)/8, 1e-15) {
		t.Errorf("standard error %v", se)
	}
}

// TestSmallTables: one sample is always drawn once; none is no error.
func TestSmallTables(t *testing.T) {
	one := make([]uint8, 1)
	resample.Independent(1).Draw(one, 1, 1)
	if one[0] != 1 {
		t.Errorf("counts %v", one)
	}
	resample.Independent(0).Draw(nil, 1, 1)
}
