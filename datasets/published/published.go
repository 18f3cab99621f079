// Package published embeds figures that the authors of a paper released, in the shape of a
// run's folder: results.csv and models.csv. Begin with ImageNet and [Source.Write].
//
// Figures are facts; of the repository that they were read from there is no text and no code.
// The package may import nothing of the module.
package published

import (
	"embed"
	"fmt"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/zstd"
)

//go:embed imagenet-523
var files embed.FS

// Source is a set of released figures and where they come from.
type Source struct {
	Name       string // of its folder
	About      string // what it is
	Repository string
	Commit     string // the first digits of the one that was read
	Licence    string
	Cite       string
}

// ImageNet are figures of 523 classifiers of ImageNet: accuracy, AUROC, mean confidence and
// AUROC against new classes at eleven severities, for several confidence functions, of the
// authors' result files, rounded to six significant digits. There is no text or code of
// theirs. Family, regime and base of each model are by this project's lists of pairs. Three
// records at chance level and one under two names are left in.
func ImageNet() Source {
	return Source{
		Name:       "imagenet-523",
		About:      "523 ImageNet classifiers, figures released by the paper's authors",
		Repository: "github.com/mdabbah/COOD_benchmarking",
		Commit:     "8964aadf",
		Licence:    "MIT, Copyright (c) 2023 mdabbah",
		Cite:       "Galil, Dabbah, El-Yaniv, ICLR 2023",
	}
}

// String is where the figures come from, in a line.
func (s Source) String() string {
	return fmt.Sprintf("%s; %s at %s (%s)", s.Cite, s.Repository, s.Commit, s.Licence)
}

// Write writes results.csv and models.csv into a folder, which it makes if needed.
func (s Source) Write(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, name := range []string{"results.csv", "models.csv"} {
		content, err := s.read(name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// read unpacks one of the files.
func (s Source) read(name string) ([]byte, error) {
	packed, err := files.ReadFile(s.Name + "/" + name + ".zst")
	if err != nil {
		return nil, err
	}
	d, err := zstd.NewReader(nil)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	content, err := d.DecodeAll(packed, nil)
	if err != nil {
		return nil, fmt.Errorf("%s of %s: %w", name, s.Name, err)
	}
	return content, nil
}
