package datasets

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"abstain/datasets/column"
	"abstain/datasets/numpy"
)

// alien is a kind of files that people keep predictions in and that is not read here.
type alien struct {
	begins  []string
	endings []string
	members []string // parts of the names of files in it that tell, if it is a zip file
	what    string
	instead string // the way out
}

// ways out, of which several end alike.
const (
	inPython = "in Python, load it yourself and write numpy.savez('MODEL.npz', logits=logits, labels=labels)"
	inTorch  = "in Python, load it with torch.load and write " +
		"safetensors.torch.save_file({'logits': logits, 'labels': labels}, 'MODEL.safetensors')"
	inH5py = "in Python, with h5py.File(FILE) as f: " +
		"numpy.savez('MODEL.npz', logits=f['logits'][:], labels=f['labels'][:])"
	inSciPy = "in Python, load it with scipy.io.loadmat (h5py from MATLAB 7.3 on) and write " +
		"numpy.savez('MODEL.npz', logits=m['logits'], labels=m['labels'].ravel())"
	inR = "in R, arrow::write_feather(d, 'MODEL.arrow') or write.csv(d, 'MODEL.csv', row.names = FALSE)"
)

// aliens are told by their first bytes, then by their names. Pickles are programs: they
// are never loaded.
var aliens = []alien{
	{
		begins:  []string{"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46"}, // the number that files of torch before 1.6 begin with
		endings: []string{".pt", ".pth"},
		members: []string{"/data.pkl", "data.pkl"},
		what:    "a torch file, which is a pickle and never loaded", instead: inTorch,
	},
	{
		begins:  []string{"\x89HDF\r\n\x1a\n"},
		endings: []string{".h5", ".hdf5", ".hdf"},
		what:    "an HDF5 file", instead: inH5py,
	},
	{
		begins:  []string{"MATLAB 5"},
		endings: []string{".mat"},
		what:    "a MATLAB file (.mat)", instead: inSciPy,
	},
	{
		begins:  []string{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"},
		endings: []string{".xlsx", ".xls", ".xlsm", ".ods"},
		members: []string{"xl/workbook.xml", "[Content_Types].xml"},
		what:    "an Excel spreadsheet (xlsx)", instead: "save the sheet as CSV",
	},
	{
		begins:  []string{"RDX2\n", "RDX3\n", "RDA2\n", "RDA3\n"},
		endings: []string{".rds", ".rda", ".rdata"},
		what:    "an R file (rds)", instead: inR,
	},
	{
		begins: []string{"FEA1"},
		what:   "a Feather file of version 1", instead: "write version 2, as pyarrow.feather.write_feather does",
	},
	{
		begins:  []string{"SQLite f"},
		endings: []string{".db", ".sqlite"},
		what:    "an SQLite database", instead: "export the table as CSV",
	},
	{begins: []string{"ORC"}, endings: []string{".orc"}, what: "an ORC file", instead: "write Parquet"},
	{begins: []string{"Obj\x01"}, endings: []string{".avro"}, what: "an Avro file", instead: "write Parquet"},
	{
		begins:  []string{"\x80\x02", "\x80\x03", "\x80\x04", "\x80\x05", "(dp", "(lp", "ccopy_reg", "cnumpy"},
		endings: []string{".pkl", ".pickle", ".p", ".joblib"},
		what:    "a pickle, which is never loaded", instead: inPython + ", or a .safetensors file",
	},
}

// foreign is the error of a file that begins with head if it has a known format that is
// not read here; nil if it has not.
func foreign(head []byte, name string) error {
	for _, a := range aliens {
		if slices.ContainsFunc(a.begins, func(b string) bool { return bytes.HasPrefix(head, []byte(b)) }) {
			return a.refusal()
		}
	}
	for _, a := range aliens {
		if slices.Contains(a.endings, ending(name)) {
			return a.refusal()
		}
	}
	return nil
}

func (a alien) refusal() error {
	return &column.Error{Row: -1, Err: errors.New("this is " + a.what), Hint: a.instead}
}

// openArray opens a .npy file that is given alone; its column has the name of the file.
func openArray(f opened) (column.Source, error) {
	base := path.Base(f.name)
	name := strings.TrimSuffix(base, path.Ext(base))
	return numpy.OpenFiles([]numpy.File{{Column: name, Name: base, At: f.randomAccess, Size: f.size}})
}

// openZip opens a .npz file, which is a zip file, as several others are.
func openZip(f opened) (column.Source, error) {
	z, err := zip.NewReader(f, f.size)
	if err != nil {
		if e := foreign(nil, f.name); e != nil {
			return nil, e
		}
		return numpy.OpenZip(f.randomAccess, f.size, f.name) // which words the error
	}
	arrays := slices.ContainsFunc(z.File, func(m *zip.File) bool { return path.Ext(m.Name) == ".npy" })
	if arrays {
		return numpy.OpenZip(f.randomAccess, f.size, f.name)
	}
	return nil, zipped(z, f.name)
}

// zipped is the error of a zip file without arrays.
func zipped(z *zip.Reader, name string) error {
	for _, a := range aliens {
		tells := func(m *zip.File) bool {
			return slices.ContainsFunc(a.members, func(part string) bool { return strings.HasSuffix(m.Name, part) })
		}
		if slices.ContainsFunc(z.File, tells) {
			return a.refusal()
		}
	}
	if e := foreign(nil, name); e != nil {
		return e
	}
	if len(z.File) == 0 {
		return errors.New("a zip file with nothing in it")
	}
	return &column.Error{Row: -1, Err: fmt.Errorf("a zip file without .npy arrays; its first file is %q", z.File[0].Name),
		Hint: "unpack it if it holds tables"}
}
