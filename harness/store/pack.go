package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"abstain/harness/disk"

	"github.com/klauspost/compress/zstd"
	"github.com/zeebo/xxh3"
)

// pack is a file that grows by whole frames, each of which keeps content under a key.
// Of frames with the same key the last counts. A frame is
//
//	 0  marker
//	 8  XXH3 (64 bits) of the head from 16 on, with the key
//	16  version of the frame, how the body is stored, 2 bytes and 4 bytes of key length
//	24  length of the body
//	32  XXH3 (128 bits) of the body
//	48  key, body
//
// all little endian. Nothing of a frame is believed whose digests differ. Behind a head
// that is damaged, reading goes on at the next marker that begins a good one.
//
// A pack is written by one process, which has the folder's lock, and read by any number
// at the same time. Its methods may be called at the same time.
type pack struct {
	path string

	mu   sync.Mutex
	at   map[string]place
	file os.FileInfo // as it was when it was last looked at
	end  int64       // of the last good frame
	dead int64       // bytes of frames that do not count, and of what is damaged
}

// place is where a frame is.
type place struct{ offset, size int64 }

var marker = []byte("\xabframe\r\n")

const (
	headSize     = 48
	frameVersion = 1
	longestKey   = 1 << 12

	asIs, compressed = 0, 1
	// mostCompressed is the largest content that is compressed, and built in memory to be
	// written at once. Larger content is written and read piece by piece.
	mostCompressed = 32 << 20
)

// packs are those that this process has looked at, by path, so that their frames are
// not looked up anew each time.
var packs sync.Map

func packAt(path string) *pack {
	p, _ := packs.LoadOrStore(filepath.Clean(path), &pack{path: path, at: map[string]place{}})
	return p.(*pack)
}

// errAbsent is that of a key that no frame has.
var errAbsent = errors.New("not kept")

// errDamaged is that of a frame which is not as it was written.
var errDamaged = errors.New("damaged: its digest differs")

// head is that of a frame.
type head struct {
	codec byte
	key   string
	body  int64
	sum   xxh3.Uint128
}

func (h head) size() int64 { return headSize + int64(len(h.key)) + h.body }

// bytes are the head with its key.
func (h head) bytes() []byte {
	b := make([]byte, headSize, headSize+len(h.key))
	copy(b, marker)
	b[16], b[17] = frameVersion, h.codec
	binary.LittleEndian.PutUint32(b[20:], uint32(len(h.key)))
	binary.LittleEndian.PutUint64(b[24:], uint64(h.body))
	binary.LittleEndian.PutUint64(b[32:], h.sum.Lo)
	binary.LittleEndian.PutUint64(b[40:], h.sum.Hi)
	b = append(b, h.key...)
	binary.LittleEndian.PutUint64(b[8:], xxh3.Hash(b[16:]))
	return b
}

// parseHead reads a head from the beginning of b; false if none is there.
func parseHead(b []byte) (h head, ok bool) {
	if len(b) < headSize || !bytes.HasPrefix(b, marker) {
		return h, false
	}
	n := int64(binary.LittleEndian.Uint32(b[20:]))
	if n > longestKey || headSize+n > int64(len(b)) || binary.LittleEndian.Uint64(b[8:]) != xxh3.Hash(b[16:headSize+n]) {
		return h, false
	}
	h = head{codec: b[17], key: string(b[headSize:][:n]), body: int64(binary.LittleEndian.Uint64(b[24:]))}
	h.sum = xxh3.Uint128{Lo: binary.LittleEndian.Uint64(b[32:]), Hi: binary.LittleEndian.Uint64(b[40:])}
	return h, b[16] == frameVersion && h.body >= 0
}

// refresh looks up the frames that were added since it was last called, or all if it is
// another file.
func (p *pack) refresh(f *os.File) error {
	now, err := f.Stat()
	if err != nil {
		return err
	}
	if p.file == nil || !os.SameFile(p.file, now) || now.Size() < p.end {
		p.at, p.end, p.dead = map[string]place{}, 0, 0
	} else if p.file.Size() == now.Size() && p.end == now.Size() {
		return nil
	}
	p.file = now
	buffer := make([]byte, headSize+longestKey)
	for offset := p.end; offset < now.Size(); {
		n, err := f.ReadAt(buffer, offset)
		if err != nil && err != io.EOF {
			return err
		}
		h, ok := parseHead(buffer[:n])
		if ok && h.size() <= now.Size()-offset {
			p.dead += offset - p.end
			p.place(h.key, place{offset, h.size()})
			offset += h.size()
			p.end = offset
			continue
		}
		if offset, err = nextMarker(f, offset+1); err != nil {
			return err
		}
	}
	return nil
}

func (p *pack) place(key string, at place) {
	p.dead += p.at[key].size
	p.at[key] = at
}

// nextMarker is the offset of the first marker from there on, or of the end.
func nextMarker(f *os.File, offset int64) (int64, error) {
	b := make([]byte, 1<<20)
	for {
		n, err := f.ReadAt(b, offset)
		if at := bytes.Index(b[:n], marker); at >= 0 {
			return offset + int64(at), nil
		}
		if err == io.EOF {
			return offset + int64(n), nil
		}
		if err != nil {
			return 0, err
		}
		offset += int64(n - len(marker) + 1)
	}
}

// read hands the content under the key to use. What it is given must not be used
// afterwards.
func (p *pack) read(key string, use func(io.ReaderAt, int64) error) error {
	f, err := os.Open(p.path)
	if err != nil {
		return err
	}
	defer f.Close()
	err = p.readFrom(f, key, use)
	if errors.Is(err, errDamaged) { // or the file was rewritten in place since
		p.mu.Lock()
		p.file = nil
		p.mu.Unlock()
		if err = p.readFrom(f, key, use); errors.Is(err, errDamaged) {
			p.strike(key)
		}
	}
	return err
}

// strike takes away the marker of a damaged frame, if the file can be written, so that
// the next run sees that the key is not kept and makes the content again.
func (p *pack) strike(key string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at, ok := p.at[key]
	f, err := os.OpenFile(p.path, os.O_WRONLY, 0)
	if err != nil || !ok {
		return
	}
	defer f.Close()
	if now, err := f.Stat(); err == nil && os.SameFile(now, p.file) {
		f.WriteAt(make([]byte, len(marker)), at.offset)
	}
	p.file = nil
}

// has reports whether there is a frame with the key, whose body may be damaged.
func (p *pack) has(key string) bool {
	f, err := os.Open(p.path)
	if err != nil {
		return false
	}
	defer f.Close()
	_, err = p.find(f, key)
	return err == nil
}

func (p *pack) readFrom(f *os.File, key string, use func(io.ReaderAt, int64) error) error {
	at, err := p.find(f, key)
	if err != nil {
		return err
	}
	begins := make([]byte, headSize+len(key))
	if _, err := f.ReadAt(begins, at.offset); err != nil {
		return errDamaged
	}
	h, ok := parseHead(begins)
	if !ok || h.key != key || h.size() != at.size {
		return errDamaged
	}
	body := io.NewSectionReader(f, at.offset+int64(len(begins)), h.body)
	if h.codec == asIs {
		if err := check(body, h); err != nil {
			return err
		}
		return use(body, h.body)
	}
	content, err := unpacked(body, h)
	if err != nil {
		return err
	}
	return use(bytes.NewReader(content), int64(len(content)))
}

// find is where the frame with that key is. A key that is known is not looked up again as
// long as the file is the same.
func (p *pack) find(f *os.File, key string) (place, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.file != nil {
		now, err := f.Stat()
		if err != nil {
			return place{}, err
		}
		if at, ok := p.at[key]; ok && os.SameFile(p.file, now) {
			return at, nil
		}
	}
	if err := p.refresh(f); err != nil {
		return place{}, err
	}
	at, ok := p.at[key]
	if !ok {
		return place{}, errAbsent
	}
	return at, nil
}

// check compares the digest of a body, in pieces.
func check(body io.Reader, h head) error {
	sum := xxh3.New128()
	if _, err := io.CopyBuffer(onlyWriter{sum}, body, make([]byte, min(h.body+1, 1<<20))); err != nil {
		return err
	}
	if sum.Sum128() != h.sum {
		return errDamaged
	}
	return nil
}

type onlyWriter struct{ io.Writer }

// unpacked is the content of a compressed body.
func unpacked(body io.Reader, h head) ([]byte, error) {
	if h.codec != compressed || h.body > 2*mostCompressed {
		return nil, errDamaged
	}
	raw := make([]byte, h.body)
	if _, err := io.ReadFull(body, raw); err != nil {
		return nil, errDamaged
	}
	if xxh3.Hash128(raw) != h.sum {
		return nil, errDamaged
	}
	d, err := decoder()
	if err != nil {
		return nil, err
	}
	content, err := d.DecodeAll(raw, nil)
	if err != nil {
		return nil, errDamaged
	}
	return content, nil
}

// They have no state between calls, and are shared by all workers.
var (
	encoder = sync.OnceValues(func() (*zstd.Encoder, error) {
		return zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderCRC(false))
	})
	decoder = sync.OnceValues(func() (*zstd.Decoder, error) {
		return zstd.NewReader(nil, zstd.WithDecoderMaxMemory(mostCompressed), zstd.WithDecoderConcurrency(0))
	})
)

// write keeps content under the key. size is about how many bytes it has.
func (p *pack) write(key string, size int, content func(io.Writer) error) error {
	if size > mostCompressed {
		return p.appending(func(f *os.File) (head, error) { return stream(f, p.end, key, content) })
	}
	var b bytes.Buffer
	if err := content(&b); err != nil {
		return err
	}
	return p.writeBytes(key, b.Bytes())
}

// writeBytes keeps content that is in memory.
func (p *pack) writeBytes(key string, content []byte) error {
	h := head{codec: asIs, key: key}
	if len(content) <= mostCompressed {
		e, err := encoder()
		if err != nil {
			return err
		}
		h.codec, content = compressed, e.EncodeAll(content, make([]byte, 0, len(content)/2))
	}
	h.body, h.sum = int64(len(content)), xxh3.Hash128(content)
	frame := append(h.bytes(), content...)
	return p.appending(func(f *os.File) (head, error) {
		_, err := f.WriteAt(frame, p.end)
		return h, err
	})
}

// stream writes a frame whose length is not known before. Its head comes last: without
// it, nothing of it counts.
func stream(f *os.File, offset int64, key string, content func(io.Writer) error) (head, error) {
	h := head{codec: asIs, key: key}
	sum := xxh3.New128()
	w := &counting{at: io.NewOffsetWriter(f, offset+int64(len(h.bytes())))}
	if err := content(io.MultiWriter(w, sum)); err != nil {
		return h, err
	}
	h.body, h.sum = w.n, sum.Sum128()
	_, err := f.WriteAt(h.bytes(), offset)
	return h, err
}

// counting counts the bytes written.
type counting struct {
	at io.Writer
	n  int64
}

func (c *counting) Write(b []byte) (int, error) {
	n, err := c.at.Write(b)
	c.n += int64(n)
	return n, err
}

// appending calls add with the file, which ends where the next frame begins. If it fails,
// the file ends there again.
func (p *pack) appending(add func(*os.File) (head, error)) (err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f, err := os.OpenFile(p.path, os.O_RDWR|os.O_CREATE, 0o644)
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.MkdirAll(filepath.Dir(p.path), 0o755); err == nil {
			f, err = os.OpenFile(p.path, os.O_RDWR|os.O_CREATE, 0o644)
		}
	}
	if err != nil {
		return err
	}
	defer func() {
		if closed := f.Close(); err == nil {
			err = closed
		}
	}()
	if err := p.refresh(f); err != nil {
		return err
	}
	if p.file.Size() > p.end {
		if err := f.Truncate(p.end); err != nil {
			return err
		}
	}
	h, err := add(f)
	if err != nil {
		return errors.Join(err, f.Truncate(p.end))
	}
	p.place(h.key, place{p.end, h.size()})
	p.end += h.size()
	p.file, err = f.Stat()
	return err
}

// sync brings what was written to the disk.
func (p *pack) sync() error {
	f, err := os.OpenFile(p.path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// compact rewrites a file of which more than half does not count.
func (p *pack) compact() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if 2*p.dead <= p.end {
		return nil
	}
	f, err := os.Open(p.path)
	if err != nil {
		return err
	}
	defer f.Close()
	live := make([]place, 0, len(p.at))
	for _, at := range p.at {
		live = append(live, at)
	}
	slices.SortFunc(live, func(a, b place) int { return int(min(max(a.offset-b.offset, -1), 1)) })
	err = disk.Replace(p.path, func(w io.Writer) error {
		for _, at := range live {
			if _, err := io.Copy(w, io.NewSectionReader(f, at.offset, at.size)); err != nil {
				return err
			}
		}
		return f.Close() // some systems do not replace a file that is open
	})
	p.file, p.at = nil, map[string]place{}
	return err
}

// named puts the file and the key before an error.
func (p *pack) named(key string, err error) error {
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return fmt.Errorf("%s: %s: %w", p.path, key, err)
}
