package datasets

import (
	"fmt"
	"strings"
	"testing"
)

func TestEndings(t *testing.T) {
	for name, want := range map[string][2]string{
		"net.csv":          {".csv", "net"},
		"a/b/net.JSONL.gz": {".jsonl.gz", "net"},
		"net.csv.zip":      {".csv.zip", "net"},
		"r50.a1_in1k.npz":  {".npz", "r50.a1_in1k"},
		"net.gz":           {".gz", "net"},
		"net":              {"", "net"},
		"r50.a1.csv.zst":   {".csv.zst", "r50.a1"},
	} {
		if e, s := ending(name), stem(name); e != want[0] || s != want[1] {
			t.Errorf("%s: ending %q, stem %q", name, e, s)
		}
	}
}

func TestNumberedNames(t *testing.T) {
	for name, want := range map[string]ordinal{
		"m-00001-of-00003":                      {name: "m", kind: "00003", number: 1, of: 3},
		"model_1_of_2":                          {name: "model", kind: "2", number: 1, of: 2},
		"train-00000-of-00001-a09b74b3ef9c3b56": {name: "train", kind: "00001", of: 1},
		"part-0":                                {kind: "part"},
		"part.12":                               {kind: "part", number: 12},
		"resnet_part3":                          {name: "resnet", kind: "part", number: 3},
		"part-00002-6f0c1d2e-aaaa-bbbb-cccc-0123456789ab-c000.snappy": {kind: "Spark", number: 2, gaps: true},
		"data_4":                                 {kind: "DuckDB", number: 4, gaps: true},
		"6f0c1d2e-aaaa-bbbb-cccc-0123456789ab-1": {kind: "pyarrow", number: 1, gaps: true},
		"7":                                      {kind: "bare", number: 7},
	} {
		got, ok := ordinalName(name, true)
		if digits := name[got.at[0]:got.at[1]]; !ok || strings.TrimLeft(digits, "0") != strings.Trim(fmt.Sprint(want.number), "0") {
			t.Errorf("%s: the number is said to be %q", name, digits)
		}
		if got.at = want.at; got != want {
			t.Errorf("%s: %+v", name, got)
		}
	}
	for _, name := range []string{"resnet50", "party", "apart_2x", "of-2", "resnet-50-of", "v1", "data_x"} {
		if got, ok := ordinalName(name, true); ok {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if _, ok := ordinalName("50", false); ok {
		t.Error("a number alone is a model's name outside of hive folders")
	}
}

func TestOrigin(t *testing.T) {
	for _, c := range []struct {
		folders []string
		model   string
		want    [4]string // model, dataset, split, condition
	}{
		{nil, "resnet", [4]string{"resnet", "root", "", ""}},
		{nil, "", [4]string{"root", "root", "", ""}},
		{[]string{"cifar"}, "resnet", [4]string{"resnet", "cifar", "", ""}},
		{[]string{"predictions"}, "resnet", [4]string{"resnet", "predictions", "", ""}},
		{[]string{"cifar", "Val"}, "resnet", [4]string{"resnet", "cifar", "val", ""}},
		{[]string{"valid", "cifar"}, "resnet", [4]string{"resnet", "cifar", "val", ""}},
		{[]string{"resnet"}, "", [4]string{"resnet", "root", "", ""}},
		{[]string{"cifar", "resnet", "test"}, "", [4]string{"resnet", "cifar", "test", ""}},
		{[]string{"vit_run1", "test_results"}, "", [4]string{"vit_run1", "root", "", ""}},
		{[]string{"data"}, "", [4]string{"root", "root", "", ""}},
		{[]string{"model=net%2Fv1%20b"}, "", [4]string{"net/v1 b", "root", "", ""}},
		{[]string{"toy", "model=net", "split=dev", "Condition=fog"}, "", [4]string{"net", "toy", "dev", "fog"}},
		{[]string{"dataset=toy", "split=val"}, "net", [4]string{"net", "toy", "val", ""}},
		{[]string{"net", "split=val"}, "", [4]string{"net", "root", "val", ""}},
		{[]string{"model=100%"}, "", [4]string{"100%", "root", "", ""}},
	} {
		o := originOf(c.folders, c.model, "root")
		if got := [4]string{o.model, o.dataset, o.split, o.condition}; got != c.want {
			t.Errorf("%q %q: %q, want %q", c.folders, c.model, got, c.want)
		}
	}
	if o := originOf([]string{"dataset=d", "seed=3"}, "m", "root"); !o.declared || o.meta.Get("seed") != "3" {
		t.Errorf("%+v", o)
	}
}

func TestSplitsInNames(t *testing.T) {
	for name, want := range map[string][2]string{
		"val_resnet": {"resnet", "val"}, "test-vit.b": {"vit.b", "test"}, "Validation": {"", "val"}, "dev.a": {"a", "val"},
		"value_net": {"value_net", ""}, "resnet_val": {"resnet_val", ""}, "testnet": {"testnet", ""},
	} {
		if rest, split := beforeSplit(name); rest != want[0] || split != want[1] {
			t.Errorf("%s: %q on %q", name, rest, split)
		}
	}
	paired := pairedSplits([]string{"a_val", "a_test", "b_test", "c_val", "c_valid", "d"})
	if !paired["a"] || paired["b"] || paired["c"] || paired["d"] {
		t.Errorf("%v", paired)
	}
}
