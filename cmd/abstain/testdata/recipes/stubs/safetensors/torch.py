"""Writes tensors as the format says: length of the header, header, data."""
import json
import struct

import torch

kinds = {torch.float32: "F32", torch.float16: "F16", torch.int64: "I64"}


def save_file(tensors, filename):
    header, data = {}, bytearray()
    for name, tensor in tensors.items():
        if tensor.device.type != "cpu" or not tensor.is_contiguous():
            raise ValueError(f"{name} is not a contiguous tensor in memory")
        begin = len(data)
        data += tensor.numpy().tobytes()
        header[name] = {"dtype": kinds[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [begin, len(data)]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(filename, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)
