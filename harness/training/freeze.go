package training

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"abstain/datasets/column"
	"abstain/datasets/ipc"
	"abstain/harness/disk"
	"abstain/harness/training/network"
	"abstain/harness/training/regime"
)

// frozenDigits are the data of the example of stored features: those of the fairness preset, with meta rows.
var frozenDigits = Digits{Noise: 0.5, Train: 700, Val: 300, Meta: 200, Group: true}

// Freeze trains one perceptron on the digits with a planted group and writes the activations before its last layer: an
// example of what users store of their own networks. The folder has a folder for each split and condition, each with a
// table.
func Freeze(ctx context.Context, out string, seed uint64) error {
	frozenDigits := frozenDigits
	frozenDigits.Seed = seed
	d, err := frozenDigits.Load()
	if err != nil {
		return err
	}
	mlp, err := family("mlp-64")
	if err != nil {
		return err
	}
	vanilla, _ := regime.ByID("vanilla")
	preset, err := PresetByID("fairness")
	if err != nil {
		return err
	}
	w := &workshop{Config: Config{Data: d, Recipe: preset.Recipe, Seed: seed, Out: out}}
	f, err := w.fit(ctx, w.modelOf(mlp, vanilla, 0))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o777); err != nil {
		return err
	}
	tables := []view{{split: "train", condition: "clean", rows: d.Train}, {split: "meta", condition: "clean", rows: d.Meta}}
	for _, v := range append(tables, d.views(preset.Recipe)...) {
		if err := w.writeFeatures(v, f.networks[0]); err != nil {
			return err
		}
	}
	return nil
}

// writeFeatures writes the features of some rows.
func (w *workshop) writeFeatures(v view, n *network.Network[float32]) error {
	n.Forward(v.rows.X)
	features := n.Features()
	columns := []ipc.Column{v.rows.ids(), ipc.Ints("label", ipc.Int16, v.rows.Labels), ipc.Vectors("features", ipc.Float32, features.Cols, features.V)}
	for _, g := range v.rows.Groups {
		columns = append(columns, ipc.Dictionary(g.Name, g.Values))
	}
	meta := []column.Pair{{Key: "model", Value: "mlp-64"}, {Key: "dataset", Value: w.Data.Name}, {Key: "split", Value: v.split}, {Key: "condition", Value: v.condition}}
	name := fmt.Sprintf("%s-%s.arrow", v.split, v.condition)
	return disk.Replace(filepath.Join(w.Out, name), func(to io.Writer) error { return ipc.Write(to, columns, ipc.Options{Meta: meta}) })
}
