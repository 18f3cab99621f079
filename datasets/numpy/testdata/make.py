#!/usr/bin/env python3
"""make.py DIR SEED: arrays as numpy writes them, as .npy files in DIR/files.zip and as .npz files in DIR, and what is
in them in DIR/expected.json: kind, width and values, or a part of the error."""
import io, json, os, sys, zipfile
import numpy as np

out, seed = sys.argv[1], int(sys.argv[2])
os.makedirs(out, exist_ok=True)
rng = np.random.default_rng(seed)
expected, arrays = {}, {}
files = zipfile.ZipFile(f'{out}/files.zip', 'w', zipfile.ZIP_DEFLATED)


def put(name, *parts):
    files.writestr(zipfile.ZipInfo(name + '.npy'), b''.join(parts), zipfile.ZIP_DEFLATED)


def npy(a, version=None):
    b = io.BytesIO()
    np.lib.format.write_array(b, a, version=version)
    return b.getvalue()


def values(a):
    a = a.reshape(len(a), -1) if a.ndim == 2 else a
    flat = a.ravel(order='C')
    width = a.shape[1] if a.ndim == 2 else 1
    k = a.dtype.kind
    if k == 'f' or (width > 1 and k in 'iub'):
        kind = 'float64' if a.dtype.itemsize == 8 or (k in 'iu' and a.dtype.itemsize > 2) else 'float32'
        cells = [float(v).hex() for v in flat]
    elif k in 'iu':
        kind, cells = 'integer', [str(int(v)) for v in flat]
    elif k == 'b':
        kind, cells = 'bool', [str(bool(v)).lower() for v in flat]
    else:
        kind, cells = 'text', [v.decode() if k == 'S' else str(v) for v in flat]
    return {'kind': 'list of ' + kind if width > 1 else kind, 'width': width, 'cells': cells}


def add(name, a, version=None):
    put(name, npy(a, version))
    expected[name] = values(a)
    arrays[name] = a


def refuse(name, a, word):
    put(name, npy(a))
    expected[name] = {'error': word}


def raw(name, header, version, a, encoding='latin-1'):
    h = header.encode(encoding)
    length = len(h).to_bytes(2 if version == 1 else 4, 'little')
    put(name, b'\x93NUMPY', bytes([version, 0]), length, h, a.tobytes())
    expected[name] = values(a)


n, c = 7, 3
for order in '<>':
    for t in ('f2', 'f4', 'f8', 'i1', 'i2', 'i4', 'i8', 'u1', 'u2', 'u4', 'u8'):
        x = rng.normal(0, 3, (n, c)) if t[0] == 'f' else rng.integers(0, 100, (n, c))
        if t[0] == 'i':
            x -= 50
        e = 'le' if order == '<' else 'be'
        add(f'{t}-{e}-c', x.astype(order + t))
        add(f'{t}-{e}-f', np.asfortranarray(x.astype(order + t)))
        add(f'{t}-{e}-1', x[:, 0].astype(order + t))
special = np.array([0, -0.0, np.inf, -np.inf, 65504, 6e-8, 1, -1, 2 ** -14])
add('special-f2', special.astype('<f2'))
add('special-f4', special.astype('>f4'))
add('special-f8', special.astype('<f8'))
add('i8-wide', np.array([-2 ** 63, 2 ** 63 - 1, 0], '<i8'))
add('bool', rng.integers(0, 2, n) > 0)
add('bool-2', rng.integers(0, 2, (n, 3)) > 0)
words = ['', 'a', 'Löwe', '日本', 'x' * 7, '🦊', ' b ']
add('u-le', np.array(words, '<U7'))
add('u-be', np.array(words, '>U7'))
add('s', np.array([w.encode() for w in words], 'S28'))
add('nx1', rng.normal(size=(n, 1)).astype('<f4'))
add('nx1-f', np.asfortranarray(rng.integers(0, 9, (n, 1))))
x = rng.normal(size=(n, c, 1, 1)).astype('<f4')
for e, a in (('c', x), ('f', np.asfortranarray(x))):
    put(f'ones-{e}', npy(a))
    expected[f'ones-{e}'] = values(x[:, :, 0, 0])
for v in ((1, 0), (2, 0), (3, 0)):
    add(f'version-{v[0]}', rng.normal(size=(n, c)).astype('<f4'), v)
x = rng.normal(size=(n, 2)).astype('<f4')
raw('python2', f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({n}L, 2L), }}".ljust(69) + '\n', 1, x)
raw('no-padding', f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({n}, 2)}}", 1, x)
raw('other-order', f"{{ 'shape':({n},2) , \"fortran_order\" :False,'descr':u'<f4'}}\n", 2, x)
raw('long-padding', f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({n}, 2), }}".ljust(70001) + '\n', 3, x)

refuse('object', np.array([1, 'a', None], object), 'pickle')
refuse('object-2', np.array([[1, 2], [3, 4]], object), 'pickle')
refuse('struct', np.zeros(4, [('logits', '<f4', (4,)), ('label', '<i8'), ('ид', '<U3')]), 'fields logits, label, ид')
refuse('float128', np.zeros((4, 2), np.longdouble), 'float128')
refuse('complex', np.zeros(4, 'c16'), 'complex')
refuse('void', np.zeros((4, 2), 'V2'), 'bfloat16')
for unit in ('W', 'D', 'h', 'm', 's', 'ms', '25us', 'ns'):
    a = rng.integers(-1000, 1000, n).astype(f'M8[{unit}]')
    put('date-' + unit, npy(a))
    # as dates of whole days; with only the digits of the fraction that are not 0
    cells = [str(v.astype('M8[D]')) if unit in 'WD' else str(v.astype('M8[ns]')).rstrip('0').rstrip('.') if unit[-1] == 's'
             and unit != 's' else str(v.astype('M8[s]')) for v in a]
    expected['date-' + unit] = {'kind': 'date or time', 'width': 1, 'cells': cells}
refuse('date-Y', np.array(['2020'], 'M8[Y]'), 'datetime64')
refuse('date-generic', np.array(['NaT'], 'M8'), 'datetime64')
refuse('span', np.array([1], 'm8[s]'), 'timedelta64')
refuse('dropout', np.zeros((5, 4, 3), '<f4'), '3 dimensions (5 x 4 x 3)')
refuse('single', np.array(1.5), 'a single value')
refuse('empty', np.zeros((0, 3)), '0 rows')
refuse('no-width', np.zeros((3, 0)), '0 columns')
refuse('text-2', np.array([['a', 'b']]), 'text')

files.close()
np.savez(f'{out}/stored.npz', **arrays)
np.savez_compressed(f'{out}/deflated.npz', **arrays)


class Pipe(io.RawIOBase):  # cannot seek, so that sizes follow the members
    def __init__(self): self.all = b''
    def writable(self): return True
    def write(self, b): self.all += bytes(b); return len(b)


pipe = Pipe()
with zipfile.ZipFile(pipe, 'w', zipfile.ZIP_DEFLATED) as z:
    for k in ('f4-le-c', 'f4-be-f', 'u-le', 'i8-wide'):
        with z.open(k + '.npy', 'w', force_zip64=k == 'u-le') as f:
            np.lib.format.write_array(f, arrays[k])
with open(f'{out}/pipe.npz', 'wb') as f:
    f.write(pipe.all)
with open(f'{out}/expected.json', 'w') as f:
    json.dump(expected, f, ensure_ascii=False)
