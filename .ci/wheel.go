// The program wheel packs binaries of abstain as Python wheels, so that pip installs
// the command for those who have no Go: go run .ci/wheel.go VERSION FOLDER BINARY...
//
// A binary says itself which platform it is for. The same binaries give the same
// bytes: a wheel holds no time and nothing of the machine. It is run in the checkout
// that the binaries were built from, where the go command finds the licences of the
// modules that are part of them.
//
// go run .ci/wheel.go notices prints these licences, for all platforms together:
// .github/THIRD_PARTY_NOTICES.
package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

func main() {
	switch {
	case len(os.Args) == 2 && os.Args[1] == "notices":
		if err := printNotices(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	case len(os.Args) < 4:
		fmt.Fprintln(os.Stderr, "usage: go run .ci/wheel.go VERSION FOLDER BINARY..., or notices")
		os.Exit(2)
	}
	for _, binary := range os.Args[3:] {
		path, err := pack(os.Args[1], os.Args[2], binary)
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", binary, err)
			os.Exit(1)
		}
		fmt.Println(path)
	}
}

// printNotices prints the licences of what is linked on any platform, each once.
func printNotices() error {
	var texts notices
	for _, system := range []string{"linux", "darwin", "windows"} {
		t := &target{os: system, arch: "amd64"}
		if err := t.collect(&texts); err != nil {
			return err
		}
	}
	_, err := os.Stdout.WriteString(texts.text.String())
	return err
}

// platforms are the tags of Python's packaging by Go's names. A binary of Go without
// C runs on every libc of Linux, so it takes the oldest tag of glibc that installers
// know by year, and that of musl. Go 1.26 runs on macOS 12 and later.
var platforms = map[string][]string{
	"linux/amd64":   {"manylinux_2_17_x86_64", "manylinux2014_x86_64", "musllinux_1_1_x86_64"},
	"linux/arm64":   {"manylinux_2_17_aarch64", "manylinux2014_aarch64", "musllinux_1_1_aarch64"},
	"darwin/amd64":  {"macosx_12_0_x86_64"},
	"darwin/arm64":  {"macosx_12_0_arm64"},
	"windows/amd64": {"win_amd64"},
}

// pack writes the wheel of one binary into the folder, and returns its path.
func pack(semantic, folder, binary string) (string, error) {
	version, err := pythonVersion(semantic)
	if err != nil {
		return "", err
	}
	target, err := inspect(binary)
	if err != nil {
		return "", err
	}
	program, err := os.ReadFile(binary)
	if err != nil {
		return "", err
	}
	license, err := os.ReadFile("LICENSE")
	if err != nil {
		return "", fmt.Errorf("%w; run it in the folder of the checkout", err)
	}
	notices, err := target.notices()
	if err != nil {
		return "", err
	}
	name := "abstain"
	if target.os == "windows" {
		name += ".exe"
	}
	stem := "abstain-" + version
	meta := stem + ".dist-info/"
	tags := platforms[target.os+"/"+target.arch]
	members := []member{
		{stem + ".data/scripts/" + name, program, 0o755},
		{meta + "licenses/LICENSE", license, 0o644},
		{meta + "licenses/THIRD-PARTY", notices, 0o644},
		{meta + "METADATA", metadata(version), 0o644},
		{meta + "WHEEL", wheel(tags), 0o644},
	}
	members = append(members, member{meta + "RECORD", record(members, meta+"RECORD"), 0o644})
	path := filepath.Join(folder, stem+"-py3-none-"+strings.Join(tags, ".")+".whl")
	return path, writeZip(path, members)
}

// pythonVersion is a semantic version as Python writes it: 1.0.0-rc.1 is 1.0.0rc1.
func pythonVersion(semantic string) (string, error) {
	parts := regexp.MustCompile(`^(\d+\.\d+\.\d+)(?:-(alpha|beta|rc)\.?(\d+))?$`).FindStringSubmatch(semantic)
	if parts == nil {
		return "", fmt.Errorf("%q is no version such as 1.2.0 or 1.2.0-rc.1", semantic)
	}
	return parts[1] + map[string]string{"alpha": "a", "beta": "b", "rc": "rc"}[parts[2]] + parts[3], nil
}

// target is what a binary says of itself.
type target struct {
	os, arch string
	modules  map[string]string // versions by path of what is linked into it; nil if there is no binary
}

// inspect refuses what is no abstain, and what may not run on all machines of its
// platform.
func inspect(binary string) (*target, error) {
	built, err := buildinfo.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	setting := map[string]string{}
	for _, s := range built.Settings {
		setting[s.Key] = s.Value
	}
	t := &target{setting["GOOS"], setting["GOARCH"], map[string]string{}}
	switch {
	case built.Path != "abstain/cmd/abstain":
		return nil, fmt.Errorf("it is a program of %s, not abstain", built.Path)
	case platforms[t.os+"/"+t.arch] == nil:
		return nil, fmt.Errorf("no tag is known of the platform %s/%s", t.os, t.arch)
	case t.os == "linux" && setting["CGO_ENABLED"] != "0":
		return nil, errors.New("it may need the libc of the machine that built it; build it with CGO_ENABLED=0")
	case t.arch == "amd64" && setting["GOAMD64"] != "v1":
		return nil, errors.New("it needs a newer processor than its platform's oldest; build it with GOAMD64=v1")
	}
	for _, m := range built.Deps {
		t.modules[m.Path] = m.Version
	}
	return t, nil
}

// linked is a package of the binary, as go list prints it.
type linked struct {
	Dir        string
	EmbedFiles []string
	Standard   bool
	Module     *struct {
		Path, Version, Dir string
		Main               bool
	}
}

// notices are the texts that licences ask to be handed on: of Go's own library, of
// every module of the binary, and of what is embedded in it.
func (t *target) notices() ([]byte, error) {
	var texts notices
	if err := t.collect(&texts); err != nil {
		return nil, err
	}
	for path := range t.modules {
		if !slices.ContainsFunc(texts.seen, func(of string) bool { return strings.HasPrefix(of, path+" ") }) {
			return nil, fmt.Errorf("no licence found of the module %s", path)
		}
	}
	return []byte(texts.text.String()), nil
}

// collect adds the licences of all packages of the command.
func (t *target) collect(texts *notices) error {
	goroot, err := t.ask("env", "GOROOT")
	if err != nil {
		return err
	}
	list, err := t.ask("list", "-deps", "-json=Dir,EmbedFiles,Standard,Module", "./cmd/abstain")
	if err != nil {
		return err
	}
	root := strings.TrimSpace(string(goroot))
	if err := texts.add("Go", root, root); err != nil {
		return err
	}
	for d := json.NewDecoder(bytes.NewReader(list)); ; {
		var p linked
		if err := d.Decode(&p); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := t.addPackage(texts, p); err != nil {
			return err
		}
	}
}

// addPackage adds the licences that a package and its embedded files lie under.
func (t *target) addPackage(texts *notices, p linked) error {
	if p.Standard || p.Module == nil {
		return nil
	}
	of := strings.TrimSpace(p.Module.Path + " " + p.Module.Version)
	if t.modules != nil && !p.Module.Main && t.modules[p.Module.Path] != p.Module.Version {
		return fmt.Errorf("%s is not what the binary has, %q; build it from this checkout", of, t.modules[p.Module.Path])
	}
	folders := []string{p.Dir}
	for _, file := range p.EmbedFiles {
		folders = append(folders, filepath.Dir(filepath.Join(p.Dir, file)))
	}
	slices.Sort(folders)
	for _, folder := range slices.Compact(folders) {
		top := p.Module.Dir
		for ; ; folder = filepath.Dir(folder) {
			if p.Module.Main && folder == top {
				break // abstain's own licence is a file of its own
			}
			if err := texts.add(of, top, folder); err != nil {
				return err
			}
			if len(folder) <= len(top) {
				break
			}
		}
	}
	return nil
}

// ask runs the go command for the platform of the binary.
func (t *target) ask(args ...string) ([]byte, error) {
	c := exec.Command("go", args...)
	c.Env = append(os.Environ(), "GOOS="+t.os, "GOARCH="+t.arch, "CGO_ENABLED=0")
	c.Stderr = os.Stderr
	return c.Output()
}

// notices are collected once for each folder.
type notices struct {
	text strings.Builder
	seen []string // whose text is there, and from which folder
}

var isNotice = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents)([-._].*)?$`)

// add adds the licences in a folder of a module.
func (n *notices) add(of, top, folder string) error {
	files, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	within, err := filepath.Rel(top, folder)
	if err != nil {
		return err
	}
	for _, f := range files {
		place := of + " " + filepath.ToSlash(filepath.Join(within, f.Name()))
		if f.IsDir() || !isNotice.MatchString(f.Name()) || strings.HasSuffix(f.Name(), ".go") || slices.Contains(n.seen, place) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(folder, f.Name()))
		if err != nil {
			return err
		}
		n.seen = append(n.seen, place)
		fmt.Fprintf(&n.text, "==== %s\n\n%s\n\n", place, bytes.TrimSpace(text))
	}
	return nil
}

// metadata says what the package is.
func metadata(version string) []byte {
	return []byte(`Metadata-Version: 2.4
Name: abstain
Version: ` + version + `
Summary: Benchmark of classifiers that should know when they are wrong: stored predictions in, evidence out
Keywords: selective prediction,uncertainty,calibration,failure prediction,classification
License-Expression: Apache-2.0
License-File: LICENSE
License-File: THIRD-PARTY
Requires-Python: >=3.7
Description-Content-Type: text/markdown

The command ` + "`abstain`" + ` reads the stored predictions of any number of classifiers
(npz, safetensors, Parquet, Arrow, CSV, JSON lines) and compares how well each one's
confidence tells its right answers from its wrong ones: selective prediction, failure
ranking, calibration, with intervals and rank sets.

    abstain check predictions            # what was taken for what
    abstain run predictions --out study  # every metric, with intervals
    abstain help

This package holds the command, which is written in Go; there is nothing to import.
`)
}

// wheel says for which interpreters and platforms the package is.
func wheel(tags []string) []byte {
	text := "Wheel-Version: 1.0\nGenerator: abstain\nRoot-Is-Purelib: false\n"
	for _, tag := range tags {
		text += "Tag: py3-none-" + tag + "\n"
	}
	return []byte(text)
}

// record lists the members with their digests; of the list itself there is none.
func record(members []member, itself string) []byte {
	var text strings.Builder
	for _, m := range members {
		sum := sha256.Sum256(m.content)
		fmt.Fprintf(&text, "%s,sha256=%s,%d\n", m.name, base64.RawURLEncoding.EncodeToString(sum[:]), len(m.content))
	}
	return []byte(text.String() + itself + ",,\n")
}

type member struct {
	name    string
	content []byte
	mode    fs.FileMode
}

// writeZip writes a wheel whole or not at all.
func writeZip(path string, members []member) error {
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	for _, m := range members {
		// Without a time the entry has the first day that a zip can say, for all alike.
		header := &zip.FileHeader{Name: m.name, Method: zip.Deflate, ModifiedDate: 1<<5 | 1}
		header.SetMode(m.mode)
		w, err := z.CreateHeader(header)
		if err != nil {
			return err
		}
		if _, err := w.Write(m.content); err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return err
	}
	if err := os.WriteFile(path+".tmp", packed.Bytes(), 0o644); err != nil {
		return err
	}
	return os.Rename(path+".tmp", path)
}
